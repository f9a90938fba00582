"""A project that was moved is noticed, mended with one command, and then whole."""

import shutil
from pathlib import Path

import mlflow
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from commands import run_command
from dge_experiments.errors import BadInput
from dge_experiments.report.records import Model, Text
from dge_experiments.tracking import folder, loading, runs, store
from given import limma_table


def test_a_moved_project_is_noticed_and_mended(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = limma_table(40)
    X = frame[["t"]]
    pipeline = make_pipeline(LogisticRegression()).fit(X, frame["logFC"] > 0)
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}) as parent:
        parent.log([Text("a.txt", "hello"), Model("m", pipeline, X, pipeline.predict(X), ["skops"], {})])
    client.create_registered_model("m")
    client.create_model_version("m", parent.models["m"], run_id=parent.run_id)
    assert folder.old_place(project / "mlflow.db") is None
    moved = tmp_path_factory.mktemp("moved") / "a project"
    shutil.move(project, moved)
    mlflow.set_tracking_uri(f"sqlite:///{moved / 'mlflow.db'}")
    with pytest.raises(BadInput, match=f"was moved here from {project}.*dge_experiments relocate"):
        store.connect(None)
    told = run_command(moved, "experiment=smoke")
    assert told.returncode == 2 and "dge_experiments relocate" in told.stderr
    done = run_command(moved, command="relocate")
    assert done.returncode == 0 and str(project) in done.stdout, done.stderr
    client = store.connect(None)
    run = client.get_run(parent.run_id)
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a.txt") == "hello"
    assert (loading.scorer(client, "models:/m/1").pipeline.predict(X) == pipeline.predict(X)).all()
    again = client.create_run(run.info.experiment_id)
    assert again.info.artifact_uri.startswith(str(moved))
    assert "nothing was changed" in run_command(moved, command="relocate").stdout
    project.mkdir()  # pytest stands in it


def test_only_whole_names_are_replaced(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such database"):
        folder.relocate(tmp_path / "mlflow.db", tmp_path, tmp_path)
