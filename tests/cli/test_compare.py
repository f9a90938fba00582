"""The comparison as a user meets it, on runs written straight into a store."""

import io
import json
import time
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from commands import run_command
from dge_experiments.tracking import parents, store
from given import one_line

pytestmark = pytest.mark.slow

HOUR = 3600_000


def write(client: MlflowClient, experiment: str, model: str, score: float, status: str, *, split: str = "s1",
          age: int = 0, folds: list[float] | None = None) -> str:  # fmt: skip
    tags = {
        "role": "model", "model": model, "scoring": "accuracy", "data_digest": "d1", "target": "direction",
        "split_hash": split, "features": "all", "leak": "logFC", "search": "tpe", "sweep_id": f"sweep-{split}",
    }  # fmt: skip
    made = store.experiment_id(client, experiment)
    run = client.create_run(made, int(time.time() * 1000) - age, tags, run_name=f"{model}-tpe").info.run_id
    client.log_metric(run, "cv/accuracy", score)
    client.log_param(run, "folds", 3)
    if folds:
        client.log_text(run, pd.DataFrame({"accuracy": folds}).to_csv(index=False), "cv/folds.csv")
    if status != "RUNNING":
        client.set_terminated(run, status)
    return str(run)


@pytest.fixture
def runs(project: Path) -> dict[str, str]:
    client = store.connect(None)
    return {
        "best": write(client, "q", "xgboost", 0.93, "FINISHED", folds=[0.9, 0.92, 0.97]),
        "tied": write(client, "q", "lasso", 0.92, "FINISHED", folds=[0.91, 0.90, 0.95]),
        "other": write(client, "q", "svm", 0.99, "FINISHED", split="s2"),
        "failed": write(client, "q", "svm", 1.0, "FAILED"),
        "killed": write(client, "q", "dummy", 1.0, "KILLED"),
        "stale": write(client, "q", "lasso", 1.0, "RUNNING", age=2 * HOUR),
        "alive": write(client, "q", "random_forest", 1.0, "RUNNING"),
    }


def test_a_run_without_a_sign_of_life_is_interrupted(project: Path, runs: dict[str, str]) -> None:
    client = store.connect(None)
    found = parents.runs(client, "q", None)
    table = parents.unfinished(client, found).set_index("run_id")["status"]
    assert {name: table[run] for name, run in runs.items() if run in table} == {
        "failed": "failed", "killed": "interrupted", "stale": "interrupted", "alive": "running",
    }  # fmt: skip
    assert {row.run_id for row in parents.finished(client, found)} == {
        runs[n] for n in ("best", "tied", "other")
    }


def test_every_format_says_the_same(project: Path, runs: dict[str, str]) -> None:
    said = run_command(project, command="compare")
    assert said.returncode == 0, said.stderr
    assert "2 boards: runs on another table, target or split are not ranked" in said.stdout
    assert said.stdout.index(runs["best"][:8]) < said.stdout.index(runs["tied"][:8])
    assert "LEAK" in said.stdout and "viewStateShareKey=board-" in said.stdout
    for name in ("failed", "killed", "stale", "alive"):
        assert runs[name] in said.stdout
    listed = json.loads(run_command(project, "format=json", command="compare").stdout)
    ranked = {tuple(r["run_id"] for r in b["runs"]) for b in listed["boards"]}
    assert ranked == {(runs["best"], runs["tied"]), (runs["other"],)}
    assert {r["run_id"] for r in listed["apart"]} == {runs[n] for n in ("failed", "killed", "stale", "alive")}
    csv = pd.read_csv(io.StringIO(run_command(project, "format=csv", command="compare").stdout))
    assert dict(zip(csv["run_id"], csv["rank"].fillna(0), strict=True))[runs["tied"]] == 2
    assert csv["rank"].isna().sum() == 4
    assert run_command(project, "out=c.html", command="compare").returncode == 0
    assert all(run[:8] in (project / "c.html").read_text() for run in runs.values())


def test_two_runs_by_the_beginnings_of_their_ids(project: Path, runs: dict[str, str]) -> None:
    two = f"runs=[{runs['best'][:8]},{runs['tied'][:8]}]"
    said = run_command(project, two, command="compare")
    assert said.returncode == 0, said.stderr
    assert "their scores are compared" in said.stdout and "xgboost" in said.stdout
    told = json.loads(run_command(project, two, "format=json", command="compare").stdout)
    assert [run["run_id"] for run in told["runs"]] == [runs["best"], runs["tied"]]
    (score,) = told["scores"]
    assert score["score"] == "cv/accuracy" and 0 < score["p_value"] < 1
    assert run_command(project, two, "out=two.html", command="compare").returncode == 0
    assert "Two runs compared" in (project / "two.html").read_text()


WRONG = {
    "runs=[abcdef12]": "give two runs, such as",
    "runs=[abcdef12,abcdef13]": "run=abcdef12: no such run in this store",
    "runs=[30054e19,00000012]": "run=30054e19: no such run in this store",  # ids that look like numbers
    "sweep=30054e19": "sweep=30054e19: no runs to compare",
    "question=nope": "question=nope: no such MLflow experiment",
    "sweep=nope": "sweep=nope: no runs to compare",
    "metric=test/f7": "metric=test/f7: no finished run has it",
    "format=xml": "must be one of table, csv, json, html",
    "out=x.txt": "out=x.txt: what format is that?",
}


@pytest.mark.parametrize("argument", WRONG)
def test_what_cannot_be_compared_is_one_line(project: Path, runs: dict[str, str], argument: str) -> None:
    done = run_command(project, argument, command="compare")
    assert done.returncode == 2
    assert WRONG[argument] in one_line(done.stderr)
