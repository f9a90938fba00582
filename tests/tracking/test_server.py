"""A team's server: eight sweeps at once, and PostgreSQL behind a real MLflow server."""

import subprocess
import sys
from pathlib import Path

import mlflow
import pytest

from commands import run_command
from given import limma_table
from mlflow_server import CLEAN, Server

pytestmark = pytest.mark.slow

TRIALS = """
import sys
from pathlib import Path
from dge_experiments.search.engine import Trial
from dge_experiments.report import records
from dge_experiments.tracking import runs, store
client = store.connect(None)
with runs.parent(client, "q", f"sweep-{sys.argv[1]}", {"role": "model"}, Path("out") / sys.argv[1], 60) as parent:
    for k in range(int(sys.argv[2])):
        parent.log_trial(Trial(k, {"C": 1.0}, ({"accuracy": 0.5},), 0.1), "accuracy")
    parent.log([records.Metrics({"test/accuracy": 0.5})])
"""


def sweeps(folder: Path, trials: int, count: int = 8, **environment: str) -> None:
    """So many processes at once write their parent and trials."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRIALS, str(k), str(trials)], cwd=folder, env={**CLEAN, **environment},
            stderr=subprocess.PIPE, text=True,
        )
        for k in range(count)
    ]  # fmt: skip
    said = [process.communicate(timeout=400)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * count, said


def all_there(client: mlflow.MlflowClient, trials: int, count: int = 8) -> None:
    experiment = client.get_experiment_by_name("q").experiment_id
    parents = client.search_runs([experiment], "tags.role = 'model'")
    assert sorted(run.info.run_name for run in parents) == [f"sweep-{k}" for k in range(count)]
    for parent in parents:
        query = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
        found = client.search_runs([experiment], query)
        assert sorted(int(run.data.tags["trial"]) for run in found) == list(range(trials))
        assert {run.info.status for run in [parent, *found]} == {"FINISHED"}


def test_eight_sweeps_at_once_into_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    sweeps(tmp_path, trials=10)
    all_there(mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}"), trials=10)
    assert not list(tmp_path.rglob("journal.jsonl"))


@pytest.mark.postgres
@pytest.mark.server
def test_four_sweeps_at_once_on_postgresql(tmp_path: Path, postgres: str) -> None:
    limma_table().to_csv(tmp_path / "limma.csv", index=False)
    server = Server(tmp_path, postgres)
    server.start()
    try:
        sweeps(tmp_path, trials=5, count=4, MLFLOW_TRACKING_URI=server.uri)
        all_there(mlflow.MlflowClient(server.uri), trials=5, count=4)
        for command, arguments in {
            "run": ["experiment=smoke", "data=table", "data.path=limma.csv"],
            "compare": [],
            "register": ["question=limma-direction", "gate.leak=warn"],
            "predict": ["model_uri=models:/limma-direction@champion", "data.path=limma.csv", "out=o.csv"],
        }.items():
            done = run_command(
                tmp_path, *arguments, "tracking=server", f"tracking.uri={server.uri}", command=command
            )
            assert done.returncode == 0, (command, done.stderr)
        assert (tmp_path / "o.csv").is_file() and not (tmp_path / "mlflow.db").exists()
    finally:
        server.kill()
