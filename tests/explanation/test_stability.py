"""Stability selection against Theorem 1's worked values and a direct count."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from dge_experiments.explanation.methods.stability import error_bound, half, stability_selection


def simulated(genes: int = 300, noise: int = 8) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(genes, 2 + noise)), columns=[f"x{j}" for j in range(2 + noise)])
    margin = 2 * X["x0"] + 2 * X["x1"]
    return X, (rng.uniform(size=genes) < 1 / (1 + np.exp(-margin))).astype(int).to_numpy()


@pytest.mark.parametrize("features", [6, 100, 4088])
@pytest.mark.parametrize("alpha", [1.0, 0.05])
def test_bound_of_the_paper(features, alpha):
    """Threshold 0.9 and q = sqrt(0.8 alpha p) bound the expected false selections by alpha."""
    assert error_bound(np.sqrt(0.8 * alpha * features), features, 0.9) == pytest.approx(alpha)


def test_bound_by_hand():
    assert error_bound(2, 10, 0.75) == pytest.approx(0.8)
    assert error_bound(3, 9, 1.0) == pytest.approx(1.0)


@pytest.mark.parametrize("threshold", [0.5, 0.2, 1.01])
def test_threshold_outside_its_range_is_refused(threshold):
    with pytest.raises(ValueError, match=r"above 0\.5 and at most 1"):
        error_bound(2, 10, threshold)


def test_the_two_features_that_matter_are_stable_and_noise_is_not():
    result = stability_selection(*simulated(), seed=0, subsamples=40)
    assert set(result.features.loc[result.features["stable"], "feature"]) == {"x0", "x1"}
    assert result.features["frequency"].iloc[:2].tolist() == [1.0, 1.0]
    assert result.error_bound <= 1.0
    assert result.error_bound == error_bound(result.q, 10, 0.9)


def test_the_region_is_the_longest_start_of_the_path_within_the_bound():
    result = stability_selection(*simulated(), seed=0, subsamples=20, max_false=0.6)
    region = result.region
    assert region["q"].is_monotonic_increasing
    assert region["used"].tolist() == (region["error_bound"] <= 0.6).tolist()
    assert 0 < region["used"].sum() < len(region)
    used = result.path[result.path["C"].isin(region.loc[region["used"], "C"])]
    largest = used.groupby("feature")["frequency"].max()
    assert result.features.set_index("feature")["frequency"].to_dict() == largest.to_dict()


def test_the_path_ends_soon_after_the_bound_is_passed():
    X, y = simulated()
    short = stability_selection(X, y, seed=0, subsamples=20, points=20, decades=3.0, max_false=0.2).region
    assert len(short) < 20
    allowed = np.sqrt(0.2 * 0.8 * 10)
    assert short["q"].iloc[-1] > 1.2 * allowed
    assert short["q"].iloc[-2] < 1.8 * allowed
    assert not short["used"].iloc[-1]


def test_frequency_is_a_count_over_the_halves():
    X, y = simulated(noise=2)
    result = stability_selection(X, y, seed=5, subsamples=14, points=2, decades=0.7, max_false=4)
    C = result.region["C"].iloc[1]
    count = np.zeros(4)
    for seed in np.random.default_rng(5).integers(2**31, size=14):
        rows = half(y, int(seed))
        Z = StandardScaler().fit_transform(X.iloc[rows])
        model = LogisticRegression(
            C=C * len(y) / len(rows), l1_ratio=1, solver="saga", tol=1e-8, max_iter=5000
        )
        count += model.set_params(random_state=0).fit(Z, y[rows]).coef_[0] != 0
    at = result.path.query("C == @C").set_index("feature").loc[X.columns, "frequency"]
    np.testing.assert_allclose(at, count / 14)


def test_a_half_has_half_of_each_class():
    codes = np.repeat([0, 1, 2], [101, 40, 2])
    rows = half(codes, seed=0)
    assert np.bincount(codes[rows]).tolist() == [50, 20, 1]
    assert len(np.unique(rows)) == 71


def test_the_result_does_not_depend_on_the_number_of_workers():
    X, y = simulated(genes=100, noise=2)
    one = stability_selection(X, y, seed=0, subsamples=16)
    with parallel_config("loky", n_jobs=2):
        two = stability_selection(X, y, seed=0, subsamples=16)
    pd.testing.assert_frame_equal(one.path, two.path, check_exact=True)


def test_bad_input_is_one_line():
    X, y = simulated(genes=50)
    with pytest.raises(ValueError, match="class 7 has one gene"):
        stability_selection(X, np.r_[7, y[1:]], seed=0)
    with pytest.raises(ValueError, match=r"threshold=0\.4"):
        stability_selection(X, y, seed=0, threshold=0.4, subsamples=2)
    with pytest.raises(ValueError, match="max_false=0"):
        stability_selection(X, y, seed=0, max_false=0)
