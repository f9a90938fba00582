import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.metrics import average_precision_score, roc_auc_score

from dge_experiments.evaluation.gain import gain
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.search.prediction import Prediction

METRICS = [m.name for m in REGISTRY.values() if m.greater_is_better and m.needs != "probability"]


def of(ranking: np.ndarray) -> Prediction:
    return Prediction((ranking > 0).astype(np.int64), ranking, None)


def simulated(shift: float, seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels and two rankings with a common part; the first is shifted for class 1 by ``shift`` more."""
    rng = np.random.default_rng(seed)
    y, common = (rng.random(n) < 0.3).astype(np.int64), rng.normal(size=n)
    first, second = (common + 0.5 * rng.normal(size=n) + (0.8 + s) * y for s in (shift, 0.0))
    return y, first, second


@pytest.mark.parametrize(
    ("metric", "score"), [("roc_auc", roc_auc_score), ("average_precision", average_precision_score)]
)
def test_the_difference_is_scikit_learns(metric, score) -> None:
    y, first, second = simulated(0.3, 0)
    found = gain(y, of(first), of(second), metric)
    assert found.difference == pytest.approx(score(y, first) - score(y, second))
    assert found.low < found.difference < found.high


def test_of_the_auc_it_is_delongs_test() -> None:
    y, first, second = simulated(0.3, 0)
    placed = [(x[y == 1][:, None] > x[y == 0]).astype(float) for x in (first, second)]
    differences = placed[0] - placed[1]
    ups, downs = differences.shape
    error = np.sqrt(differences.mean(axis=1).var(ddof=1) / ups + differences.mean(axis=0).var(ddof=1) / downs)
    found = gain(y, of(first), of(second), "roc_auc")
    assert found.error == pytest.approx(error)
    assert found.p_value == pytest.approx(
        2 * student.sf(abs(differences.mean()) / error, min(ups, downs) - 1)
    )
    assert found.power(0.1) == pytest.approx(norm.sf(1.96 - 0.1 / error), abs=1e-3)
    assert found.power(0.0) == pytest.approx(0.05)


@pytest.mark.parametrize("metric", METRICS)
def test_no_difference_has_no_width(metric) -> None:
    y, first, _ = simulated(0, 0)
    found = gain(y, of(first), of(3 * first), metric)
    assert (found.difference, found.low, found.high, found.p_value) == (0, 0, 0, 1)
    assert not found.better


@pytest.mark.parametrize("metric", METRICS)
def test_swapped_models_swap_the_sign(metric) -> None:
    y, first, second = simulated(0.5, 2)
    one, other = gain(y, of(first), of(second), metric), gain(y, of(second), of(first), metric)
    assert (one.difference, one.low) == pytest.approx((-other.difference, -other.high))
    assert one.p_value == pytest.approx(other.p_value)


@pytest.mark.parametrize("metric", METRICS)
def test_three_classes(metric) -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    good, bad = (rng.normal(size=(300, 3)) + s * np.eye(3)[y] for s in (2.0, 0.5))
    first, second = (Prediction(x.argmax(axis=1), x, None) for x in (good, bad))
    found = gain(y, first, second, metric)
    assert found.difference == pytest.approx(
        REGISTRY[metric].score(y, first) - REGISTRY[metric].score(y, second)
    )
    assert found.better
    assert found.p_value < 1e-3


def test_a_perfect_and_a_constant_answer_are_told_apart_by_the_sign_test() -> None:
    y = np.repeat([0, 1], [40, 10])
    perfect, constant = Prediction(y, y.astype(float), None), Prediction(0 * y, np.zeros(50), None)
    found = gain(y, perfect, constant, "balanced_accuracy")
    assert found.p_value == pytest.approx(2 * 0.5**10)
    assert 0 < found.low < 0.5 < found.high


def test_rows_that_stand_twice_tell_no_more() -> None:
    y, first, second = simulated(0.3, 0)
    once = gain(y, of(first), of(second), "roc_auc")
    twice = [of(np.repeat(x, 2)) for x in (first, second)]
    grouped = gain(np.repeat(y, 2), *twice, "roc_auc", groups=np.repeat(np.arange(len(y)), 2))
    assert grouped.error == pytest.approx(once.error, rel=0.01)


@pytest.mark.parametrize("metric", ["roc_auc", "average_precision", "balanced_accuracy", "mcc"])
def test_false_gains_are_rare_and_true_ones_are_seen(metric) -> None:
    false = [gain(*_pair(0.0, seed), metric).p_value < 0.05 for seed in range(200)]
    true = [gain(*_pair(0.8, seed), metric).better for seed in range(30)]
    assert np.mean(false) <= 0.096  # three standard errors above 5 %
    assert np.mean(true) > 0.8


def _pair(shift: float, seed: int) -> tuple[np.ndarray, Prediction, Prediction]:
    y, first, second = simulated(shift, seed)
    return y, of(first - 0.5), of(second - 0.5)
