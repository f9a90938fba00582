"""The LASSO path against its closed-form start, its optimality conditions and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from dge_experiments.explanation.methods.regularization_path import regularization_path


def simulated(classes: int = 2, genes: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(2, 3, size=(genes, 4)), columns=["strong", "weak", "noise1", "noise2"])
    score = X["strong"] + 0.4 * X["weak"] + rng.normal(0, 2, genes)
    return X, pd.qcut(score, classes, labels=False).to_numpy()


def test_min_c_is_one_over_the_largest_score_of_the_null_model():
    X, y = simulated()
    Z = StandardScaler().fit_transform(X)
    assert regularization_path(X, y, seed=0).min_c == pytest.approx(1 / np.abs(Z.T @ (y - y.mean())).max())


@pytest.mark.parametrize("classes", [2, 3])
def test_below_min_c_all_are_zero_and_just_above_one_feature_enters(classes):
    X, y = simulated(classes)
    path = regularization_path(X, y, seed=0, points=40)
    below = path.coefficients[path.coefficients["C"] < path.min_c]
    assert len(below) > 0
    assert (below["coefficient"] == 0).all()
    assert path.fits.loc[path.fits["C"] > 1.01 * path.min_c, "nonzero"].min() >= 1
    assert path.entry["feature"].iloc[0] == "strong"
    assert path.fits["nonzero"].iloc[-1] == 4
    assert path.entry["C"].is_monotonic_increasing


def test_coefficients_meet_the_optimality_conditions():
    """The log-likelihood's gradient is sign(coef) / C where coef is not 0, at most 1 / C elsewhere."""
    X, y = simulated()
    Z = StandardScaler().fit_transform(X)
    path = regularization_path(X, y, seed=0, points=8)
    for C, at in path.coefficients.groupby("C"):
        coef = at.set_index("feature").loc[X.columns, "coefficient"].to_numpy()
        offset = Z @ coef
        b = np.log(y.mean() / (1 - y.mean()))
        for _ in range(50):
            p = expit(offset + b)
            b += (y - p).sum() / (p * (1 - p)).sum()
        gradient = Z.T @ (y - expit(offset + b)) * C
        assert np.abs(gradient).max() <= 1.02
        np.testing.assert_allclose(gradient[coef != 0], np.sign(coef[coef != 0]), atol=0.02)


def test_the_chosen_c_is_on_the_path_and_its_coefficients_are_scikit_learns():
    X, y = simulated()
    path = regularization_path(X, y, seed=0, chosen_c=0.05)
    assert path.fits.loc[path.fits["chosen"], "C"].tolist() == [0.05]
    assert len(path.fits) == 26
    model = LogisticRegression(C=0.05, l1_ratio=1, solver="saga", tol=1e-8, max_iter=10000, random_state=1)
    model.fit(StandardScaler().fit_transform(X), y)
    at = path.coefficients.query("C == 0.05").set_index("feature").loc[X.columns, "coefficient"]
    np.testing.assert_allclose(at, model.coef_[0], atol=2e-3)


@pytest.mark.parametrize("chosen", [1e-5, 1e3])
def test_the_path_reaches_a_chosen_c_outside_it(chosen):
    path = regularization_path(*simulated(), seed=0, chosen_c=chosen)
    assert path.fits["C"].is_monotonic_increasing
    assert path.fits["chosen"].sum() == 1
    assert not regularization_path(*simulated(), seed=0).fits["chosen"].any()


def test_three_classes_have_a_row_each_with_their_codes():
    X, y = simulated(classes=3)
    path = regularization_path(X, y + 4, seed=0, points=5)
    assert sorted(path.coefficients["class"].unique()) == [4, 5, 6]
    assert len(path.coefficients) == 5 * 3 * 4


def test_separable_classes_that_do_not_converge_are_said_so():
    X = pd.DataFrame({"x": np.linspace(-1, 1, 2000)})
    path = regularization_path(X, pd.cut(X["x"], 3, labels=False), seed=0, decades=7, points=6)
    assert not path.fits["converged"].all()
    assert "stopped short of convergence" in path.note


def test_the_same_seed_gives_the_same_path():
    one, two = (regularization_path(*simulated(), seed=4, points=5).coefficients for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_bad_input_is_one_line():
    X, y = simulated()
    with pytest.raises(ValueError, match="chosen_c=0"):
        regularization_path(X, y, seed=0, chosen_c=0.0)
    with pytest.raises(ValueError, match="none of them varies"):
        regularization_path(X * 0, y, seed=0)
