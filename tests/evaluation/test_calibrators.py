import numpy as np
import pytest
from scipy.special import expit
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

from dge_experiments.evaluation import calibrators


def scores_and_classes(genes=20_000, seed=0):
    """Log odds of true probabilities, and the classes drawn by them."""
    rng = np.random.default_rng(seed)
    score = rng.normal(-1, 1.5, genes)
    return score, rng.random(genes) < expit(score)


def test_right_probabilities_keep_slope_one():
    score, positive = scores_and_classes(200_000)
    assert calibrators.fit("sigmoid", score, positive) == pytest.approx([1, 0], abs=0.02)
    assert calibrators.fit("beta", score, positive) == pytest.approx([1, 1, 0], abs=0.08)


def test_sigmoid_undoes_a_shift_and_a_stretch():
    score, positive = scores_and_classes()
    assert calibrators.fit("sigmoid", 2 * score + 3, positive) == pytest.approx([0.5, -1.5], abs=0.05)


def test_sigmoid_of_a_decision_function_is_scikit_learns():
    score, positive = scores_and_classes(500)
    theirs = _SigmoidCalibration().fit(score, positive)
    slope, intercept = calibrators.fit("sigmoid", score, positive)
    assert (slope, intercept) == pytest.approx((-theirs.a_, -theirs.b_), rel=1e-3)


def test_beta_undoes_what_no_sigmoid_can():
    """Probabilities pushed away from one end only (Kull et al. 2017, section 3)."""
    score, positive = scores_and_classes(100_000)
    p = expit(score)
    pushed = calibrators.log_odds(p**2)
    a, b, _ = calibrators.fit("beta", pushed, positive)
    assert a < b
    distances = [
        np.abs(calibrators.apply(m, calibrators.fit(m, pushed, positive), pushed) - p).mean()
        for m in ("sigmoid", "beta")
    ]
    assert distances[1] < 0.5 * distances[0]


def test_beta_never_turns_the_order():
    score, positive = scores_and_classes(2_000)
    numbers = calibrators.fit("beta", -score, positive)
    assert (numbers[:2] >= 0).all()


def test_isotonic_is_scikit_learns_but_for_the_ends():
    score, positive = scores_and_classes(300)
    ours = calibrators.apply("isotonic", calibrators.fit("isotonic", score, positive), score)
    theirs = IsotonicRegression().fit(score, positive).predict(score)
    assert ours == pytest.approx(np.clip(theirs, 1 / 302, 1 - 1 / 302))


def test_log_odds_are_finite():
    assert np.isfinite(calibrators.log_odds(np.array([0.0, 0.5, 1.0]))).all()


def test_no_other_method():
    with pytest.raises(ValueError, match="must be one of sigmoid, beta, isotonic"):
        calibrators.fit("platt", np.zeros(3), np.array([True, False, True]))
