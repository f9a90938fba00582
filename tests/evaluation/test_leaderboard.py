"""Only what shares table, target and split is ranked; ties come from the folds."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.leaderboard import boards
from dge_experiments.report import ranking

RUNS = pd.DataFrame(
    [
        ("a1", "xgboost", "finished", "d1", "s1", 0.90),
        ("a2", "random_forest", "finished", "d1", "s1", 0.95),
        ("a3", "xgboost", "finished", "d1", "s2", 0.99),
        ("a4", "svm", "finished", "d2", "s1", 0.10),
        ("a5", "lasso", "interrupted", "d1", "s1", 1.00),
        ("a6", "lasso", "finished", "d1", "s1", np.nan),
    ],
    columns=["run_id", "model", "status", "data_digest", "split_hash", "cv/accuracy"],
).assign(
    experiment="e", experiment_id="1", run_name="n", target="direction", scoring="accuracy", folds=5,
    features="all", leak="none", age_seconds=90.0, **{"cv/brier": 1.0}
)  # fmt: skip


def nothing(run_id: str) -> None:
    return None


def test_runs_are_ranked_within_table_target_and_split_only() -> None:
    found = boards(RUNS, None, nothing)
    assert [list(b.runs["run_id"]) for b in found] == [["a2", "a1", "a6"], ["a3"], ["a4"]]
    assert {b.metric for b in found} == {"cv/accuracy"}


def test_a_loss_is_ranked_from_below() -> None:
    runs = RUNS.assign(**{"cv/brier": [0.3, 0.2, 0.1, 0.1, 0.1, 0.4]})
    assert list(boards(runs, "cv/brier", nothing)[0].runs["run_id"]) == ["a2", "a1", "a6"]


def test_a_metric_that_no_finished_run_has_is_said() -> None:
    with pytest.raises(
        BadInput, match=r"metric=cv/f7: no finished run has it \(there are cv/accuracy, cv/brier"
    ):
        boards(RUNS, "cv/f7", nothing)


def test_models_within_noise_are_tied_and_the_simplest_is_named() -> None:
    rng = np.random.default_rng(0)
    base = 0.9 + 0.02 * rng.normal(size=5)
    folds = {
        "a2": base,
        "a1": base - 0.2 + 0.001 * rng.normal(size=5),
        "a6": base - 0.001 + 0.01 * rng.normal(size=5),
    }
    board = boards(RUNS, None, lambda run: pd.DataFrame({"accuracy": folds[run]}))[0]
    assert board.comparison is not None
    assert set(board.comparison.tied) == {"random_forest", "lasso"}
    assert board.comparison.simplest == "lasso"
    assert list(ranking.cells(board)["tied"]) == ["yes", "", "simplest"]


def test_folds_that_differ_in_number_are_not_tested() -> None:
    def folds(run: str) -> pd.DataFrame:
        return pd.DataFrame({"accuracy": [0.5] * (5 if run == "a1" else 4)})

    assert boards(RUNS, None, folds)[0].comparison is None


def test_an_interval_and_a_spread_stand_beside_the_score() -> None:
    runs = RUNS.assign(
        **{
            "cv/accuracy_std": 0.01,
            "test/mcc": 0.5,
            "test/mcc_low": 0.4,
            "test/mcc_high": 0.6,
            "honest/test/mcc": 0.1,
        }
    )
    first = ranking.cells(boards(runs, None, nothing)[0]).iloc[0]
    assert first["cv/accuracy"] == "0.950 ± 0.010"
    assert (first["mcc"], first["honest mcc"], first["age"]) == ("0.500 [0.400, 0.600]", "0.100", "2 min")
