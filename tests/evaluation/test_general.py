import pandas as pd
import pytest

from dge_experiments.evaluation.general import general
from dge_experiments.evaluation.unseen import MANY, ONE


def board(low: float, gain_low: float) -> pd.DataFrame:
    row = {"genes": "hits", "method": "lasso", "kind": "model", "reads": ONE, "mean": 0.7, "low": low, "high": 0.8,
           "gain": 0.02, "gain_low": gain_low, "gain_high": 0.05, "by_eye": "logFC", "studies": 5}  # fmt: skip
    better = {**row, "method": "xgboost", "reads": MANY, "mean": 0.9}
    ranking = {**row, "method": "logFC", "kind": "ranking", "mean": 0.8}
    everywhere = {**row, "method": "svm", "genes": "all", "mean": 0.9}
    return pd.DataFrame([better, ranking, row, {**row, "method": "forest", "mean": 0.6}, everywhere])


@pytest.mark.parametrize(
    ("low", "gain_low", "passed"), [(0.6, 0.01, True), (0.6, -0.01, False), (0.4, 0.01, False)]
)
def test_general_is_surely_better_than_chance_and_than_the_best_order(
    low: float, gain_low: float, passed: bool
) -> None:
    found = general(board(low, gain_low))
    assert found.method == "lasso" and found.passed is passed
    assert found.verdict.startswith("yes: " if passed else "no: ")
    assert ("better than" if passed else "no gain over") in found.reason and "by logFC" in found.reason
