"""Curves agree with scikit-learn and with worked values."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dge_experiments.evaluation import curves

Y = np.array([0, 0, 1, 1])
SCORE = np.array([0.1, 0.4, 0.35, 0.8])  # scikit-learn's own example: AUC 0.75


def test_roc_of_scikit_learns_example() -> None:
    frame = curves.roc(Y, SCORE, ("down", "up"))
    assert set(frame["class"]) == {"up"}
    assert frame["auc"].iloc[0] == 0.75
    assert frame["false_positive_rate"].tolist() == [0, 0, 0.5, 0.5, 1]
    assert frame["true_positive_rate"].tolist() == [0, 0.5, 0.5, 1, 1]


def test_precision_recall_of_the_same() -> None:
    frame = curves.precision_recall(Y, SCORE, ("down", "up"))
    assert frame["recall"].tolist() == [0, 0.5, 0.5, 1]
    assert frame["precision"].tolist() == pytest.approx([1, 1, 0.5, 2 / 3])
    assert frame["average_precision"].iloc[0] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert frame["prevalence"].iloc[0] == 0.5


def test_three_classes_are_each_against_the_rest() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 50)
    ranking = rng.random((150, 3)) + np.eye(3)[y] / 2
    frame = curves.roc(y, ranking, ("a", "b", "c"))
    for code, name in enumerate("abc"):
        assert frame.loc[frame["class"] == name, "auc"].iloc[0] == roc_auc_score(y == code, ranking[:, code])


def test_a_long_curve_keeps_its_ends_and_its_area() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=20_000)
    score = rng.normal(size=20_000) + y
    frame = curves.roc(y, score, ("down", "up"))
    assert len(frame) <= curves.MOST_POINTS
    x, height = frame["false_positive_rate"], frame["true_positive_rate"]
    assert (x.iloc[0], height.iloc[-1]) == (0, 1)
    assert np.trapezoid(height, x) == pytest.approx(frame["auc"].iloc[0], abs=1e-3)


def test_the_bins_hold_each_gene_once() -> None:
    frame = curves.score_bins(Y, SCORE, ("down", "up"), bins=7)
    assert frame.groupby("class")["genes"].sum().to_dict() == {"down": 2, "up": 2}
    assert frame.groupby("class")["share"].sum().to_dict() == {"down": 1.0, "up": 1.0}


@pytest.mark.parametrize("value", [0.0, 0.5, -3.0, 1e6])
@pytest.mark.parametrize("noise", [0.0, 1e-16, 1e-13])
def test_scores_that_differ_by_rounding_alone_are_in_one_bin(value: float, noise: float) -> None:
    score = value * (1 + noise * np.arange(40)) + noise * np.arange(40)
    frame = curves.score_bins(np.arange(40) % 2, score, ("down", "up"))
    assert frame["genes"].tolist() == [20, 20]
    assert (frame["low"] <= value).all() and (frame["high"] >= value).all()
