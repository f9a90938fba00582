"""A small run as a process, and the store that it must leave."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from mlflow import MlflowClient

LONG = bool(os.environ.get("DGE_FAULTS"))
TRIALS = 6
RUN = ["data.path=t.csv", "model=logistic_regression", "search=random", f"search.n_trials={TRIALS}",
       "search.batch=3", "explanation=none", "split.folds=3", "compute.workers=1"]  # fmt: skip
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}
COMMAND = [sys.executable, "-m", "dge_experiments"]


def start(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([*COMMAND, *arguments], cwd=folder, env=CLEAN, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip


def rows(folder: Path) -> int:
    """Runs that are in the store: parents, trials and leaderboards."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'mlflow.db'}?mode=ro", uri=True, timeout=20)) as store:
            (count,) = store.execute("select count(*) from runs").fetchone()
            return int(count)
    except sqlite3.OperationalError:  # it is not there yet
        return 0


def wait_for(process: "subprocess.Popen[bytes]", folder: Path, count: int, seconds: float) -> None:
    """Until the store holds ``count`` runs and ``seconds`` more, or the process has ended."""
    limit = time.monotonic() + 300
    while rows(folder) < count and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)
    limit = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)


def is_whole(folder: Path, runs: int = 1, trials: int = TRIALS) -> None:
    """The store holds so many finished runs, each with its models and its trials once and its report."""
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    where = [e.experiment_id for e in client.search_experiments()]
    parents = client.search_runs(where, "tags.role = 'model'")
    assert [p.info.status for p in parents] == ["FINISHED"] * runs
    for parent in parents:
        children = client.search_runs(where, f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
        wanted = 1 if parent.data.params["search"] == "none" else trials
        assert sorted(int(c.data.tags["trial"]) for c in children) == list(range(wanted))
        assert all(c.info.status != "RUNNING" for c in children)
        assert "report.html" in {f.path for f in client.list_artifacts(parent.info.run_id)}
        models = client.search_logged_models(where, f"source_run_id = '{parent.info.run_id}'")
        assert models and {str(m.status) for m in models} == {"READY"}
        assert len({m.name for m in models}) == len(models)
