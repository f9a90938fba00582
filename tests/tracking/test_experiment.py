"""An MLflow experiment says how it is to be read, and a run that ``mlflow run`` made in Default says where to look."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from dge_experiments.report.records import Metrics
from dge_experiments.tracking import parents, runs, store

NOTE = "mlflow.note.content"


def test_an_experiment_without_a_description_gets_one_and_keeps_its_own(project: Path) -> None:
    client = store.connect(None)
    own = client.create_experiment("own", tags={NOTE: "ours"})
    with runs.parent(client, "own", "n", {}):
        pass
    with runs.parent(client, "t-direction", "n", {}) as parent:
        pass
    note = client.get_experiment(parent.experiment_id).tags[NOTE]
    assert note.startswith(f"[**The runs**](#/experiments/{parent.experiment_id}/runs?workflowType=")
    assert "role = model" in note and "honest/" in note and "metrics.csv" in note
    assert client.get_experiment(own).tags[NOTE] == "ours"
    assert store.experiment_id(client, "t-direction") == parent.experiment_id


@pytest.mark.parametrize("root", ["mlruns/0", "mlflow-artifacts:/0"])  # the latter where mlflow ui ran first
def test_a_run_that_mlflow_made_in_default_points_to_the_parent(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, root: str
) -> None:
    client = store.connect(None)
    with closing(sqlite3.connect(project / "mlflow.db")) as database, database:
        database.execute("update experiments set artifact_location = ? where experiment_id = 0", (root,))
    made = client.create_run("0", tags={"mlflow.project.entryPoint": "main"}).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", made)
    with runs.parent(client, "t-direction", "svm-tpe", {"role": "model"}) as parent:
        pass
    run = client.get_run(parent.run_id)
    assert run.info.run_id != made and client.get_experiment(parent.experiment_id).name == "t-direction"
    assert run.info.status == "FINISHED" and run.data.tags["mlflow.project.entryPoint"] == "main"
    left = client.get_run(made).data.tags
    assert "role" not in left and f"runs/{parent.run_id}?workflowType=machine_learning" in left[NOTE]
    assert f"the results are in run {parent.run_id} of t-direction" in caplog.text


def test_system_metrics_are_mlflows_and_no_score(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true")
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.1")
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}) as parent:
        parent.log([Metrics({"cv/accuracy": 0.5})])
        time.sleep(0.5)
    run = client.get_run(parent.run_id)
    assert "system/cpu_utilization_percentage" in run.data.metrics
    assert parents.row(client, run, {}, 0.0).metrics == {"cv/accuracy": 0.5}
