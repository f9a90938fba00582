"""A run is the same row of the same board in memory and from the store."""

from pathlib import Path

import pandas as pd
import pytest

import dge_experiments as dge
from dge_experiments.evaluation.leaderboard import boards
from dge_experiments.report.rows import row
from dge_experiments.report.words.board import sentences
from dge_experiments.tracking import parents, store
from given import limma_table

SMALL = (
    "data=table",
    "split.folds=3",
    "search=none",
    "explanation=none",
    "compute.workers=1",
    "tracking=local",
)


def test_runs_in_memory_and_in_the_store_give_equal_boards(project: Path) -> None:
    limma_table(150).to_csv("t.csv", index=False)
    models = (
        ["model=lasso"],
        ["model=svm", "features=honest"],
        ["model=xgboost"],
        ["model=lasso", "seed=7", "split.seed=42"],
    )
    made = [dge.run(*SMALL, "data.path=t.csv", *each, f"out=o{k}") for k, each in enumerate(models)]
    client = store.connect(None)
    stored = boards(parents.finished(client, parents.runs(client, None, None)))
    ours = boards([row(each.result, each.run_id) for each in reversed(made)])
    assert len(stored) == len(ours) == 1
    (one,), (other,) = stored, ours
    assert [r.label for r in one.rows] == [r.label for r in other.rows]
    assert "LASSO, features=all, seed=7" in [r.label for r in one.rows]
    frames = [board.frame.drop(columns=["run_name"]) for board in (one, other)]
    pd.testing.assert_frame_equal(frames[0], frames[1][list(frames[0])])
    assert set(one.verdicts) == {"as given", "honest"}
    for reading, verdict in one.verdicts.items():
        theirs = other.verdicts[reading]
        assert verdict.tied == theirs.tied and verdict.simplest == theirs.simplest
        pd.testing.assert_frame_equal(verdict.models, theirs.models)
        pd.testing.assert_frame_equal(verdict.pairs, theirs.pairs)
    assert [s.text for s in sentences(one)] == [s.text for s in sentences(other)]
    for mine, theirs_ in zip(one.rows, other.rows, strict=True):
        pd.testing.assert_frame_equal(mine.folds(), theirs_.folds())
    assert one.rows[0].metrics["cv/accuracy"] == pytest.approx(one.frame["cv/accuracy"].max())
