import numpy as np
import pytest
from scipy.stats import ttest_1samp
from statsmodels.stats.multitest import multipletests

from dge_experiments.evaluation.comparison import corrected_t_test, holm


def test_corrected_t_worked_by_hand():
    """Mean 0.03, variance 0.00025, 5 folds, n_test / n_train = 1/4: 0.03 / sqrt(0.45 * 0.00025) = 2 sqrt 2.

    Student's distribution with 4 degrees of freedom has P(T <= t) = 1/2 + 3/8 u (1 - u^2 / 12) with
    u = t / sqrt(1 + t^2 / 4): here u = 2 sqrt(2/3), u^2 = 8/3.
    """
    statistic, p = corrected_t_test([0.02, 0.04, 0.03, 0.05, 0.01], n_train=240, n_test=60)
    assert statistic == pytest.approx(2 * np.sqrt(2))
    u = 2 * np.sqrt(2 / 3)
    assert p == pytest.approx(2 * (0.5 - 3 / 8 * u * (1 - u**2 / 12)))


def test_without_overlap_it_is_students_test():
    d = np.random.default_rng(0).normal(0.1, 0.2, 12)
    expected = ttest_1samp(d, 0)
    assert corrected_t_test(d, n_train=10**12, n_test=1) == pytest.approx(
        (expected.statistic, expected.pvalue)
    )


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([0.0] * 5, (0.0, 1.0)),
        ([0.5] * 5, (np.inf, 0.0)),
        ([-0.1] * 3, (-np.inf, 0.0)),
        ([1e-16, -1e-16], (0, 1)),
    ],
)
def test_same_difference_in_every_fold(differences, expected):
    assert corrected_t_test(differences, 80, 20) == expected


def test_corrected_t_refuses_one_fold():
    with pytest.raises(ValueError, match="folds=1"):
        corrected_t_test([0.1], 80, 20)


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_statsmodels(seed):
    p = np.random.default_rng(seed).beta(0.3, 2, 10)
    p[3] = p[4]
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


def test_holm_of_nothing_is_nothing():
    assert len(holm([])) == 0


def test_false_alarms_stay_rare_on_equal_models():
    """Two equal models by 10-fold CV of shared data: the correction must not alarm more often than alpha."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        shared = rng.normal(0, 0.02)  # what the overlapping training parts have in common
        differences = rng.normal(0.7, 0.05, 10) - rng.normal(0.7, 0.05, 10) - shared
        alarms += corrected_t_test(differences, 90, 10)[1] < 0.05
    assert alarms / 300 < 0.08
