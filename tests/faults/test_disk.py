"""Whole commands under faults: killed at any moment, a disk that is full, a folder that cannot be written.

``make faults`` runs the long form (DGE_FAULTS=1): more moments and sizes; docs/reliability.md has the counts.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient

from commands import run_command
from given import limma_table, one_line

pytestmark = pytest.mark.slow

LONG = bool(os.environ.get("DGE_FAULTS"))
KILLS = 50 if LONG else 2
SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16] if LONG else [4]  # megabytes
RUN = ["data.path=t.csv", "model=logistic_regression", "search=random", "search.n_trials=6", "search.batch=3",
       "explanation=none", "split.folds=3", "compute.workers=1"]  # fmt: skip
MOUNTS = shutil.which("unshare") and sys.platform == "linux"


def start(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}
    command = [sys.executable, "-m", "dge_experiments", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def is_whole(folder: Path, runs: int = 1, trials: int = 6) -> None:
    """The store holds so many finished runs, each with one model and each of its trials once."""
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    where = [e.experiment_id for e in client.search_experiments()]
    parents = client.search_runs(where, "tags.role = 'model'")
    assert [p.info.status for p in parents] == ["FINISHED"] * runs
    for parent in parents:
        mine = client.search_runs(where, f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
        assert sorted(int(c.data.tags["trial"]) for c in mine) == list(range(trials))
        assert all(c.info.status != "RUNNING" for c in mine)
        assert "report.html" in {f.path for f in client.list_artifacts(parent.info.run_id)}
        models = client.search_logged_models(where, f"source_run_id = '{parent.info.run_id}'")
        assert {str(m.status) for m in models} == {"READY"}
        assert len({m.name for m in models}) == len(models)


@pytest.fixture
def folder(project: Path) -> Path:
    limma_table(120).to_csv(project / "t.csv", index=False)
    return project


@pytest.mark.parametrize("racing", ["false", "true"])
def test_killed_at_any_moment_it_is_gone_on_with(folder: Path, racing: str) -> None:
    arguments = [*RUN, f"search.racing={racing}"]
    begun = time.monotonic()
    assert start(folder, *arguments, "seed=1").wait() == 0  # how long one takes here
    seconds = time.monotonic() - begun
    rng = np.random.default_rng(len(racing))
    for number in range(KILLS // 2):
        (folder / "mlflow.db").unlink()
        shutil.rmtree(folder / "mlruns", ignore_errors=True)
        process = start(folder, *arguments)
        time.sleep(seconds * (number + rng.uniform()) / (KILLS // 2))
        process.kill()
        process.wait()
        done = run_command(folder, *arguments, "resume=true")
        if "no unfinished run" in done.stderr:  # killed before there was one
            assert one_line(done.stderr)
            done = run_command(folder, *arguments)
        assert done.returncode == 0, done.stderr
        is_whole(folder)


def test_a_sweep_that_was_killed_goes_on_where_it_was(folder: Path) -> None:
    sweep = [*RUN, "-m", "model=dummy,logistic_regression,lasso"]
    process = start(folder, *sweep)
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    limit = time.monotonic() + 200
    while time.monotonic() < limit and process.poll() is None:
        where = [e.experiment_id for e in client.search_experiments()]
        if len(client.search_runs(where, "tags.role = 'model'")) == 2:
            break
        time.sleep(0.3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    first = client.search_runs(where, "tags.role = 'model' and tags.model = 'dummy'")[0]
    done = run_command(folder, *sweep, "resume=true")
    assert done.returncode == 0, done.stderr
    runs = client.search_runs(where, "tags.role = 'model'")
    assert sorted(run.data.tags["model"] for run in runs) == ["dummy", "lasso", "logistic_regression"]
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert first.info.run_id in {run.info.run_id for run in runs}
    made = [(model.source_run_id, model.name) for model in client.search_logged_models(where)]
    assert len(set(made)) == len(made) >= 3
    (board,) = client.search_runs(where, "tags.role = 'leaderboard'")
    assert len({run.data.tags["sweep_id"] for run in [*runs, board]}) == 1


@pytest.mark.skipif(not MOUNTS or os.geteuid() != 0, reason="needs to mount a small disk")
@pytest.mark.parametrize("megabytes", SIZES)
def test_a_full_disk_is_one_line_and_afterwards_it_goes_on(folder: Path, megabytes: int) -> None:
    small, kept = folder / "small", folder / "kept"
    small.mkdir()
    script = (
        f"mount -t tmpfs -o size={megabytes}m none {small} && cp t.csv {small} && cd {small} && "
        f"{sys.executable} -m dge_experiments {' '.join(RUN)}; code=$?; cp -r {small} {kept}; exit $code"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], cwd=folder, env=clean, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2), done.stderr
    if done.returncode == 2:
        assert one_line(done.stderr)


@pytest.mark.skipif(os.geteuid() == 0 and not MOUNTS, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_line(folder: Path) -> None:
    script = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && cd {folder} && "
    script += f"{sys.executable} -m dge_experiments {' '.join(RUN)}"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, cwd="/")
    assert done.returncode == 2 and one_line(done.stderr)


def test_without_a_home_it_runs(folder: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME") and "MLFLOW" not in k}
    command = [sys.executable, "-m", "dge_experiments", *RUN, "model=dummy"]
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}").search_experiments()
