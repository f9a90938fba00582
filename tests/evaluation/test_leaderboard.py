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
    experiment="e", experiment_id="1", run_name="n", target="direction", rule="logFC > 0", scoring="accuracy", folds=5,
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
    board = boards(RUNS, None, lambda run: pd.DataFrame({"cv/accuracy": folds[run]}))[0]
    assert board.comparison is not None
    assert set(board.comparison.tied) == {"random_forest", "lasso"}
    assert board.comparison.simplest == "lasso"
    assert list(ranking.cells(board)["tied"]) == ["yes", "", "simplest"]


def test_folds_that_differ_in_number_are_not_tested() -> None:
    def folds(run: str) -> pd.DataFrame:
        return pd.DataFrame({"cv/accuracy": [0.5] * (5 if run == "a1" else 4)})

    assert boards(RUNS, None, folds)[0].comparison is None


def test_an_interval_and_a_spread_stand_beside_the_score() -> None:
    runs = RUNS.assign(
        **{
            "cv/accuracy_std": 0.01,
            "test/mcc": 0.5,
            "test/mcc_low": 0.4,
            "test/mcc_high": 0.6,
            "honest/test/mcc": 0.1,
        },
        leak="t",
    )
    first = ranking.cells(boards(runs, None, nothing)[0]).iloc[0]
    assert first["cv/accuracy"] == "0.950 ± 0.010"
    assert (first["test/mcc"], first["honest/test/mcc"], first["age"]) == (
        "0.500 [0.400, 0.600]",
        "0.100",
        "2 min",
    )


def test_the_same_split_under_another_rule_is_another_board() -> None:
    runs = RUNS.assign(rule=["|logFC| >= 1"] + ["|logFC| >= 2"] * 5)
    assert [list(b.runs["run_id"]) for b in boards(runs, None, nothing)][:2] == [["a1"], ["a2", "a6"]]


LEAKY = RUNS.iloc[:2].assign(
    leak=["none", "logFC, t"],
    features=["honest", "all"],
    **{
        "cv/accuracy": [0.6, 0.99],
        "cv/accuracy_std": [0.01, 0.001],
        "honest/cv/accuracy": [np.nan, 0.55],
        "honest/cv/accuracy_std": [np.nan, 0.02],
        "test/balanced_accuracy": [0.61, 0.99],
        "test/balanced_accuracy_low": [0.58, 0.98],
        "test/balanced_accuracy_high": [0.64, 1.0],
        "honest/test/balanced_accuracy": [np.nan, 0.54],
        "baseline/cv/accuracy": 0.5,
        "baseline/test/balanced_accuracy": 0.5,
        "fit_seconds": 1.25,
    },
)


def honest_folds(run: str) -> pd.DataFrame:
    given = {"a1": [0.6, 0.61, 0.59, 0.6, 0.62], "a2": [0.99, 0.98, 0.99, 1.0, 0.99]}[run]
    frame = pd.DataFrame({"cv/accuracy": given})
    return frame if run == "a1" else frame.assign(**{"honest/cv/accuracy": [0.55, 0.54, 0.55, 0.56, 0.53]})


def test_a_leaky_and_a_clean_run_are_ranked_as_given_and_honestly() -> None:
    (board,) = boards(LEAKY, None, honest_folds)
    assert list(board.runs["run_id"]) == ["a2", "a1"]
    assert board.comparison is not None and board.comparison.best == "random_forest"
    assert board.honest is not None and board.honest.best == "xgboost"
    assert (board.tied(honest=False), board.tied(honest=True)) == ({"a2": "simplest"}, {"a1": "simplest"})
    assert board.sentences[0].startswith("LEAK: logFC, t give the answer away")
    assert "metric=honest/cv/accuracy" in board.sentences[0]
    (honest,) = boards(LEAKY, "honest/cv/accuracy", honest_folds)
    assert list(honest.runs["run_id"]) == ["a1", "a2"]
    assert honest.comparison is not None and honest.comparison.best == "xgboost"


@pytest.mark.parametrize(("width", "scores"), [(78, 2), (98, 2), (148, 2)])
def test_a_board_fits_the_terminal(width: int, scores: int) -> None:
    (board,) = boards(LEAKY, None, honest_folds)
    lines = ranking.lines(board, width, 1)
    cells = [*lines.to_numpy().tolist(), [head.split("\n")[-1] for head in lines]]
    longest = [max(len(row[place]) for row in cells) for place in range(len(lines.columns))]
    assert sum(longest) + len(longest) - 1 <= width
    assert len(lines.columns) == 3 + scores
    assert list(lines.iloc[:, 1]) == ["given", "honest", "clean", "", ""]
    assert list(lines.iloc[:, 2]) == ["0.990 ± 0.001", "0.550 ± 0.020", "0.600 ± 0.010", "", "0.500"]
    assert list(lines["tied"]) == ["simplest", "", "simplest", "", ""]
    assert lines.iloc[1, 0] == "a2 2 min, 1.2 s" and lines.iloc[0, 0] == "random_forest, all"


def test_a_narrow_terminal_leaves_scores_out() -> None:
    (board,) = boards(LEAKY, None, honest_folds)
    assert len(ranking.lines(board, 40, 1).columns) == 4
