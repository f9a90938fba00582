import numpy as np
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.metrics import METRICS, check, confusion, per_class, scores
from dge_experiments.search.prediction import Prediction

Y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])


def test_worked_example() -> None:
    ranking = np.array([0.1, 0.2, 0.3, 0.4, 0.45, 0.9, 0.35, 0.6, 0.7, 0.8])
    result = scores(Y, Prediction((ranking > 0.5).astype(np.int64), ranking, None))
    assert result["accuracy"] == 0.8
    assert result["balanced_accuracy"] == pytest.approx((5 / 6 + 3 / 4) / 2)
    assert result["mcc"] == pytest.approx((3 * 5 - 1 * 1) / np.sqrt(4 * 4 * 6 * 6))
    assert result["roc_auc"] == pytest.approx((3 + 5 + 5 + 5) / 24)
    assert result["average_precision"] == pytest.approx((1 / 2 + 2 / 3 + 3 / 4 + 4 / 7) / 4)


def test_a_constant_answer() -> None:
    result = scores(Y, Prediction(np.zeros(10, np.int64), np.zeros(10), None))
    assert result == {
        "accuracy": 0.6,
        "balanced_accuracy": 0.5,
        "mcc": 0.0,
        "roc_auc": 0.5,
        "average_precision": 0.4,
    }


def test_three_classes_against_the_rest() -> None:
    y = np.array([0, 1, 2, 0, 1, 2])
    perfect = np.eye(3)[y]
    result = scores(y, Prediction(y, perfect, perfect))
    assert {result[metric] for metric in METRICS} == {1.0}
    assert result["brier"] == 0.0
    assert result["log_loss"] == pytest.approx(0, abs=1e-12)


def test_brier_and_log_loss_of_a_known_probability() -> None:
    p = np.where(Y == 1, 0.75, 0.25)
    result = scores(Y, Prediction(Y, p, np.column_stack([1 - p, p])))
    assert result["brier"] == pytest.approx(0.0625)
    assert result["log_loss"] == pytest.approx(-np.log(0.75))


def test_per_class_and_confusion() -> None:
    predicted = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1])
    frame = per_class(Y, predicted, ("down", "up")).set_index("class")
    assert frame.loc["down", ["precision", "recall", "genes", "predicted"]].tolist() == [5 / 6, 5 / 6, 6, 6]
    assert frame.loc["up", "f1"] == 0.75
    assert confusion(Y, predicted, ("down", "up")).to_numpy().tolist() == [[5, 1], [1, 3]]


def test_a_class_that_is_never_predicted_has_precision_0() -> None:
    frame = per_class(Y, np.zeros(10, np.int64), ("down", "up"))
    assert frame["precision"].tolist() == [0.6, 0.0]


def test_unknown_scoring() -> None:
    with pytest.raises(BadInput, match="search.scoring=f2"):
        check("f2")
