"""A metric is one entry and a model one YAML: nothing else is touched, and board, compare and registry know them."""

import shutil
from pathlib import Path

import pytest

import dge_experiments as dge
from dge_experiments.evaluation.leaderboard import boards
from dge_experiments.evaluation.metrics import REGISTRY, Metric
from dge_experiments.report.rows import row
from dge_experiments.report.words.board import sentences
from dge_experiments.settings import compose, conf, conf_folder
from dge_experiments.settings.choices import LeakGate
from dge_experiments.tracking import chosen, parents, store
from given import limma_table

NEAREST = """\
name: neighbours
title: nearest neighbours
cite: "Fix E, Hodges JL. Discriminatory analysis. USAF School of Aviation Medicine (1951)."
estimator: {_target_: sklearn.neighbors.KNeighborsClassifier}
space: {n_neighbors: {low: 3, high: 9, points: 3}}
"""


def specificity(y, said):  # type: ignore[no-untyped-def]
    return float((said.predicted[y == 0] == 0).mean())


def test_a_metric_and_a_model_of_ones_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(conf_folder(), project / "conf")
    (project / "conf" / "model" / "neighbours.yaml").write_text(NEAREST)
    for module in (conf, compose):
        monkeypatch.setattr(module, "conf_folder", lambda: project / "conf")
    monkeypatch.setitem(
        REGISTRY, "specificity", Metric("specificity", "specificity", specificity, computed="asked")
    )
    limma_table(150).to_csv("t.csv", index=False)
    small = [
        "data=table",
        "data.path=t.csv",
        "features=honest",
        "split.folds=3",
        "search=grid",
        "explanation=none",
    ]
    small += ["compute.workers=1", "search.scoring=specificity"]
    made = [dge.run(*small, f"model={model}", f"out={model}") for model in ("neighbours", "dummy")]
    assert "nearest neighbours" in made[0].report and "Fix E, Hodges JL" in made[0].report
    (ours,) = boards([row(each.result, each.run_id) for each in made])
    client = store.connect(None)
    (stored,) = boards(parents.finished(client, parents.runs(client, None, None)))
    for board in (ours, stored):
        assert {"nearest neighbours", "constant answer"} == {each.label.split(",")[0] for each in board.rows}
        assert str(board.metric) == "bbc/specificity"
        (verdict,) = board.verdicts.values()
        assert verdict.metric == "specificity" and verdict.simplest is None
        assert "specificity" in sentences(board)[0].text
    taken = chosen.best(client, "t-direction", None, LeakGate.honest)
    assert (
        str(taken.metric) == "bbc/specificity"
        and taken.row.score(taken.metric) == ours.rows[0].metrics["bbc/specificity"]
    )
