import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score
from statsmodels.stats.proportion import proportion_confint

from dge_experiments.problem.leak.score import Score, chance_of_clean_parting, parts_cleanly, score


def test_the_value_is_scikit_learns_balanced_accuracy():
    rng = np.random.default_rng(0)
    y, answers = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    assert score(y, answers).value == pytest.approx(balanced_accuracy_score(y, answers))


def test_with_one_class_answered_by_all_the_limits_are_wilsons_halved():
    """MOVER adds squared distances; a class of so many genes that its limits are its share adds none."""
    found = Score(np.array([10**9, 45]), np.array([10**9, 50]))
    low, high = proportion_confint(45, 50, method="wilson")
    assert found.low() == pytest.approx((1 + low) / 2, abs=1e-6)
    assert found.high() == pytest.approx((1 + high) / 2, abs=1e-6)


def test_two_classes_by_hand():
    found = Score(np.array([90, 40]), np.array([100, 50]))
    (l1, u1), (l2, u2) = (proportion_confint(k, n, method="wilson") for k, n in ((90, 100), (40, 50)))
    assert found.low() == pytest.approx(0.85 - np.hypot(0.9 - l1, 0.8 - l2) / 2)
    assert found.high() == pytest.approx(0.85 + np.hypot(u1 - 0.9, u2 - 0.8) / 2)


@pytest.mark.parametrize(
    ("size", "share"), [((50, 50), (0.95, 0.95)), ((500, 30), (0.9, 0.95)), ((80, 60, 40), (0.9, 0.8, 0.95))]
)
def test_the_interval_covers(size, share):
    rng = np.random.default_rng(0)
    truth, covered = np.mean(share), 0
    for _ in range(500):
        found = Score(rng.binomial(size, share), np.array(size))
        covered += found.low() <= truth <= found.high()
    assert covered / 500 > 0.93


def test_clean_parting_takes_at_most_one_interval_more_than_classes():
    assert parts_cleanly(np.arange(6.0), np.array([0, 0, 1, 1, 0, 0]))
    assert not parts_cleanly(np.arange(8.0), np.array([0, 1] * 4))
    assert not parts_cleanly(np.array([1.0, 1.0, 2.0, 3.0]), np.array([0, 1, 1, 1]))


@pytest.mark.parametrize("size", [(30, 30), (54, 6), (12, 12)])
def test_the_chance_of_a_clean_parting_is_that_of_drawing_such_genes(size):
    rng = np.random.default_rng(0)
    distance = np.sqrt(2) * 2.3263478740408408  # Phi(distance / sqrt 2) = 0.99
    large, small = rng.normal(size=(20_000, size[0])), rng.normal(distance, size=(20_000, size[1]))
    simulated = np.mean(small.min(axis=1) > large.max(axis=1))
    assert chance_of_clean_parting(np.array(size)) == pytest.approx(simulated, abs=0.01)


def test_the_chance_of_one_gene_in_each_class_is_the_area_under_the_curve():
    assert chance_of_clean_parting(np.array([1, 1])) == pytest.approx(0.99, abs=1e-4)
