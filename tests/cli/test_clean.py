"""clean: what did not finish is listed, and deleted on request; what finished stays."""

import json
import re
from pathlib import Path

import mlflow
import pytest

from commands import run_command
from dge_experiments.search.engine import Trial
from dge_experiments.tracking import runs, store
from given import one_line


@pytest.fixture
def left(project: Path) -> dict[str, str]:
    """A store with a finished, a failed, an interrupted and a running parent: name -> run id."""
    client, made = store.connect(None), {}
    for name, error in {"finished": None, "failed": ValueError, "interrupted": KeyboardInterrupt}.items():
        try:
            with runs.parent(client, "q", name, {"role": "model"}, project / name) as parent:
                made[name] = parent.run_id
                parent.log_trial(Trial(0, {"C": 1.0}, ({"accuracy": 0.5},), 0.1), "accuracy")
                mlflow.create_external_model(f"model-{name}", source_run_id=parent.run_id)
                if error:
                    raise error
        except (ValueError, KeyboardInterrupt):
            pass
    own = {**client.get_run(made["finished"]).data.tags, "mlflow.runName": "running"}
    made["running"] = client.create_run("1", tags=own).info.run_id
    return made


def test_it_lists_first_and_deletes_when_told(project: Path, left: dict[str, str]) -> None:
    uri = {"MLFLOW_TRACKING_URI": f"sqlite:///{project / 'mlflow.db'}"}
    listed = run_command(project, command="clean", **uri)
    assert listed.returncode == 0, listed.stderr
    for name in ("failed", "interrupted"):
        line = rf"found +{left[name]} {name} of q, {name} \d+ s ago, trials: 1\n"
        assert re.search(line, listed.stdout), listed.stdout
    assert left["finished"] not in listed.stdout and left["running"] not in listed.stdout
    client = mlflow.MlflowClient()
    assert len(client.search_runs(["1"])) == 7
    told = json.loads(run_command(project, "delete=true", "format=json", command="clean", **uri).stdout)
    assert len(told["deleted"]) == 2 and "mlflow gc" in told["for good"][0]
    kept = {run.info.run_id: run for run in client.search_runs(["1"])}
    assert set(kept) >= {left["finished"], left["running"]} and len(kept) == 3
    assert [model.name for model in client.search_logged_models(["1"])] == ["model-finished"]
    client.restore_run(left["failed"])
    assert client.get_run(left["failed"]).info.lifecycle_stage == "active"


def test_nothing_to_clean_and_no_store(project: Path) -> None:
    uri = {"MLFLOW_TRACKING_URI": f"sqlite:///{project / 'mlflow.db'}"}
    assert "no run failed or was interrupted" in run_command(project, command="clean", **uri).stdout
    done = run_command(project, "nowhere", command="clean")
    assert done.returncode == 2 and "nowhere/mlflow.db: no such database" in one_line(done.stderr)
