"""A run is the same row of the same board in memory and from the store."""

from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

import dge_experiments as dge
from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.leaderboard import boards
from dge_experiments.report.rows import row
from dge_experiments.report.words.board import sentences
from dge_experiments.settings.choices import LeakGate
from dge_experiments.settings.commands import Gate
from dge_experiments.tracking import champion, parents, store
from dge_experiments.tracking import chosen as chosen_run
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
    assert set(frames[0]) == set(frames[1])
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
    _the_honest_model_serves(client)


def _the_honest_model_serves(client: MlflowClient) -> None:
    """What is registered is what was scored: the pipeline without the label sources, with its own scores."""
    chosen = chosen_run.best(client, "t-direction", None, LeakGate.honest)
    leaky = [r for r in parents.finished(client, parents.runs(client, None, None)) if r.leak]
    assert chosen.metric == Key("accuracy", "bbc") and chosen.row.leak == ()
    best = max(leaky, key=lambda r: r.metrics["honest/cv/accuracy"])
    chosen = chosen_run.named(client, best.run_id[:8], None, LeakGate.honest)
    assert chosen.honest and chosen.row.score(chosen.metric) == best.metrics["honest/cv/accuracy"]
    gate = Gate(dummy=False, champion=True, leak=LeakGate.honest)
    version, _ = champion.register(client, chosen, "honest", gate)
    model = dge.load(f"models:/honest/{version.version}")
    assert "logFC" not in model.scorer.features and "t" not in model.scorer.features
    answers = best.answers()
    assert answers is not None
    scored = model.predict(limma_table(150)).set_index("gene")["predicted"]
    held = pd.read_csv(client.download_artifacts(best.run_id, "test/predictions.csv"))
    assert (scored[held["gene"]].to_numpy() == held["honest_predicted"].to_numpy()).all()
    pages = {
        m.name: m
        for m in client.search_logged_models([best.experiment_id], f"source_run_id = '{best.run_id}'")
    }
    given, honest = pages[best.model], pages[f"{best.model}-honest"]
    shown = {m.key: m for m in honest.metrics}
    assert shown["honest/cv/accuracy"].value == best.metrics["honest/cv/accuracy"]
    assert shown["honest/cv/accuracy"].dataset_digest == best.about["data_digest"][:36]
    assert {"bbc/accuracy", "cv/accuracy", "test/mcc"} <= {m.key for m in given.metrics}
