import numpy as np
import pandas as pd
import pytest

from dge_experiments.explanation.methods.pca import components

RNG = np.random.default_rng(0)


def test_two_perfectly_correlated_features_are_one_component() -> None:
    x = RNG.normal(size=100)
    pca = components(pd.DataFrame({"a": x, "b": 3 * x + 1}))
    assert pca.variance["explained"].tolist() == pytest.approx([1, 0], abs=1e-12)
    assert pca.loadings["PC1"].tolist() == pytest.approx([2**-0.5, 2**-0.5])


def test_scores_times_loadings_give_back_the_scaled_features() -> None:
    X = pd.DataFrame(RNG.normal(size=(50, 4)) @ RNG.normal(size=(4, 4)), columns=list("abcd"))
    pca = components(X)
    scaled = (X - X.mean()) / X.std(ddof=0)
    loadings = pca.loadings.drop(columns="feature").to_numpy()
    assert np.allclose(pca.scores.to_numpy() @ loadings.T, scaled, atol=1e-5)
    assert np.allclose(loadings.T @ loadings, np.eye(4))
    assert pca.variance["cumulative"].iloc[-1] == pytest.approx(1)
    assert (
        pca.loadings.set_index("feature").abs().idxmax() == pca.loadings.set_index("feature").idxmax()
    ).all()
