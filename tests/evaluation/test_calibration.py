import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.calibration import (
    binning,
    error_if_calibrated,
    expected_calibration_error,
    reliability,
    slope_and_intercept,
)
from dge_experiments.evaluation.proportion import wilson


def test_error_in_closed_form():
    """At 0.15 4 genes, 1 up, gap 0.10; at 0.95 6 genes, 3 up, gap 0.45: (4 * 0.10 + 6 * 0.45) / 10 = 0.31."""
    y = np.array([1, 0, 0, 0, 1, 1, 1, 0, 0, 0])
    p = np.array([0.15] * 4 + [0.95] * 6)
    assert expected_calibration_error(y, p) == pytest.approx(0.31)


@pytest.mark.parametrize("constant", [0.0, 0.3, 1.0])
def test_constant_probability_errs_by_its_distance_from_the_prevalence(constant):
    y = np.repeat([0, 1], [70, 30])
    assert expected_calibration_error(y, np.full(100, constant)) == pytest.approx(abs(constant - 0.3))


def test_perfect_and_reversed():
    y = np.array([0, 1, 1, 0])
    assert expected_calibration_error(y, y.astype(float)) == 0.0
    assert expected_calibration_error(y, 1.0 - y) == 1.0


def test_top_label_of_three_classes():
    """Confidence 0.6 on 5 genes of which 4 are right, 0.8 on 5 of which 2 are: (5 * 0.2 + 5 * 0.4) / 10."""
    p = np.vstack([np.tile([0.6, 0.3, 0.1], (5, 1)), np.tile([0.1, 0.1, 0.8], (5, 1))])
    y = np.array([0, 0, 0, 0, 1, 2, 2, 0, 1, 1])
    assert expected_calibration_error(y, p) == pytest.approx(0.3)


def test_bins_of_true_probabilities_are_calibrated():
    rng = np.random.default_rng(0)
    p = rng.random(200_000)
    y = (rng.random(200_000) < p).astype(int)
    assert expected_calibration_error(y, p) < 0.005


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_curve_is_scikit_learns(strategy):
    rng = np.random.default_rng(0)
    p = rng.beta(1, 4, 500)
    y = (rng.random(500) < p).astype(int)
    curve = reliability(y, p, bins=8, strategy=strategy)
    fraction, mean = calibration_curve(y, p, n_bins=8, strategy=strategy)
    np.testing.assert_allclose(curve["fraction"], fraction)
    np.testing.assert_allclose(curve["mean_predicted"], mean)
    assert curve["count"].sum() == 500


def test_curve_carries_wilson_intervals_and_its_edges():
    y = np.array([1, 0, 0, 0])
    curve = reliability(y, np.array([0.1, 0.05, 0.1, 0.0]))
    assert len(curve) == 1
    row = curve.iloc[0]
    assert (row["bin"], row["low"], row["high"], row["count"]) == (0, 0.0, 0.1, 4)
    assert (row["fraction_low"], row["fraction_high"]) == wilson(1, 4)


def test_quantile_bins_of_a_constant():
    curve = reliability(np.array([0, 1]), np.array([0.4, 0.4]), strategy="quantile")
    assert curve[["mean_predicted", "fraction", "count"]].to_numpy().tolist() == [[0.4, 0.5, 2.0]]


@pytest.mark.parametrize(
    ("y", "p", "bins", "message"),
    [
        ([0, 1], [0.2, 1.2], 10, "row 2: 1.2 is not a probability"),
        ([0, 1], [np.nan, 0.2], 10, "row 1: nan is not a probability"),
        ([0, 1, 1], [0.1, 0.2], 10, "3 labels and 2 probabilities"),
        ([], [], 10, "0 labels"),
        ([0], [0.1], 0, "bins=0"),
    ],
)
def test_bad_input(y, p, bins, message):
    with pytest.raises(BadInput, match=message):
        reliability(y, p, bins=bins)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_error_if_calibrated_holds_95_percent_of_the_errors_of_right_probabilities(strategy):
    rng = np.random.default_rng(0)
    p = rng.beta(1, 8, 300)
    low, high = error_if_calibrated(p, seed=0, strategy=strategy)
    errors = [
        expected_calibration_error((rng.random(300) < p).astype(int), p, strategy=strategy)
        for _ in range(200)
    ]
    assert 0.9 <= np.mean([(low <= e) & (e <= high) for e in errors]) <= 0.99


def test_slope_and_intercept():
    rng = np.random.default_rng(0)
    score = rng.normal(-1, 1, 50_000)
    y = (rng.random(50_000) < 1 / (1 + np.exp(-score))).astype(int)
    assert slope_and_intercept(y, 1 / (1 + np.exp(-score))) == pytest.approx((1, 0), abs=0.05)
    assert slope_and_intercept(y, 1 / (1 + np.exp(-2 * score - 1))) == pytest.approx((0.5, -0.5), abs=0.05)
    assert np.isnan(slope_and_intercept(y, np.full(50_000, 0.3))).all()


def test_rare_classes_get_bins_of_equal_numbers():
    assert binning(np.repeat([0, 1], [95, 5])) == "quantile"
    assert binning(np.repeat([0, 1], [50, 50])) == "uniform"
    assert binning(np.repeat([0, 1, 2], [80, 15, 5])) == "uniform"
