import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from dge_experiments.evaluation.gain import gain
from dge_experiments.search.prediction import Prediction


def of(ranking: np.ndarray) -> Prediction:
    return Prediction((ranking > 0).astype(np.int64), ranking, None)


def drawn(shift: float, seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels and two rankings with a common part; the first is shifted for class 1 by ``shift`` more."""
    rng = np.random.default_rng(seed)
    y, common = (rng.random(n) < 0.3).astype(np.int64), rng.normal(size=n)
    first, second = (common + 0.5 * rng.normal(size=n) + (0.8 + s) * y for s in (shift, 0.0))
    return y, first, second


@pytest.mark.parametrize(
    ("metric", "score"), [("roc_auc", roc_auc_score), ("average_precision", average_precision_score)]
)
def test_the_difference_is_scikit_learns(metric: str, score: object) -> None:
    y, first, second = drawn(0.3, 0)
    found = gain(y, of(first), of(second), metric, 1)
    assert found.difference == pytest.approx(score(y, first) - score(y, second))  # type: ignore[operator]
    assert found.low < found.difference < found.high


def test_no_difference_has_no_width() -> None:
    y, first, _ = drawn(0, 0)
    found = gain(y, of(first), of(3 * first), "roc_auc", 1)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert not found.found


def test_false_gains_are_rare_and_true_ones_are_seen() -> None:
    false = [gain(*_pair(0.0, seed), "roc_auc", seed).found for seed in range(100)]
    true = [gain(*_pair(0.5, seed), "roc_auc", seed).found for seed in range(20)]
    assert np.mean(false) <= 0.07
    assert np.mean(true) > 0.9


def _pair(shift: float, seed: int) -> tuple[np.ndarray, Prediction, Prediction]:
    y, first, second = drawn(shift, seed)
    return y, of(first), of(second)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "mcc"])
def test_scores_of_classes_are_compared_too(metric: str) -> None:
    y, first, second = drawn(1.0, 3)
    assert gain(y, of(first - 0.9), of(second - 0.9), metric, 0).difference > 0
