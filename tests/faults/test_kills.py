"""Runs and sweeps killed at any moment of their life, and resumed.

``make faults`` runs the long form (DGE_FAULTS=1); docs/reliability.md has the counts.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import psutil
import pytest

from commands import run_command
from given import limma_table, one_line
from whole import CLEAN, COMMAND, LONG, RUN, TRIALS, is_whole, rows, start, wait_for

pytestmark = pytest.mark.slow

KILLS = range(25 if LONG else 1)
SWEEPS = range(20 if LONG else 1)
WORKERS = range(10 if LONG else 1)
ENDINGS = [[signal.SIGTERM], [signal.SIGINT], [signal.SIGINT, signal.SIGINT]]
ENDS = range(60 if LONG else 1)
RACING = ["false", "true"] if LONG else ["true"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder without a store: making it is a part of the life of a run."""
    limma_table(120).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path


def kill(folder: Path, moment: int, moments: int, total: int, *arguments: str) -> None:
    """SIGKILL at the given of so many moments: half of them spread over the search, half over what follows it."""
    rng = np.random.default_rng(moment)
    at = min(total, int(2 * total * (moment + rng.uniform()) / moments))
    process = start(folder, *arguments)
    wait_for(process, folder, at, rng.uniform(0, 5 if at in (0, total) else 0.3))
    process.kill()
    print(f"killed with {rows(folder)} of {total} rows, process {process.wait()}")


def resumed(folder: Path, *arguments: str) -> None:
    done = run_command(folder, *arguments, "resume=true")
    if "no unfinished run" in done.stderr:  # killed before there was one
        assert one_line(done.stderr)
        done = run_command(folder, *arguments)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("moment", KILLS)
@pytest.mark.parametrize("racing", RACING)
def test_a_run_killed_at_any_moment_is_resumed_to_one_whole_run(
    folder: Path, racing: str, moment: int
) -> None:
    arguments = [*RUN, f"search.racing={racing}"]
    kill(folder, moment, len(KILLS), TRIALS + 1, *arguments)
    resumed(folder, *arguments)
    is_whole(folder)


@pytest.mark.parametrize("moment", SWEEPS)
def test_a_sweep_killed_at_any_moment_is_resumed_to_one_whole_sweep(folder: Path, moment: int) -> None:
    sweep = [*RUN, "-m", "model=dummy,logistic_regression,lasso"]
    kill(folder, moment, len(SWEEPS), 2 + 2 * (TRIALS + 1) + 1, *sweep)
    client = mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    ended = ended_runs(client) if rows(folder) else set()
    resumed(folder, *sweep)
    is_whole(folder, runs=3)
    where = [e.experiment_id for e in client.search_experiments()]
    runs = client.search_runs(where, "tags.role = 'model'")
    assert sorted(run.data.tags["model"] for run in runs) == ["dummy", "lasso", "logistic_regression"]
    assert ended <= {run.info.run_id for run in runs}
    (board,) = client.search_runs(where, "tags.role = 'leaderboard'")
    assert len({run.data.tags["sweep_id"] for run in [*runs, board]}) == 1


def finished(folder: Path) -> bool:
    client = mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    where = [e.experiment_id for e in client.search_experiments()]
    return bool(client.search_runs(where, "tags.role = 'model' and attributes.status = 'FINISHED'"))


def ended_runs(client: mlflow.MlflowClient) -> set[str]:
    where = [e.experiment_id for e in client.search_experiments()]
    return {run.info.run_id for run in client.search_runs(where, "tags.role = 'model'") if run.info.end_time}


@pytest.mark.parametrize("moment", WORKERS)
def test_workers_killed_while_they_work_cost_nothing(folder: Path, moment: int) -> None:
    arguments = [*RUN, "compute.workers=2", "model=random_forest", "search.n_trials=6"]
    rng = np.random.default_rng(moment)
    with (folder / "said").open("w") as said:
        process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, env=CLEAN, stdout=said, stderr=said)
        wait_for(process, folder, 1 + moment % TRIALS, rng.uniform(0, 0.5))
        workers = [
            p for p in psutil.Process(process.pid).children() if "LokyProcess" in " ".join(p.cmdline())
        ]
        for worker in workers[: 1 + moment % 2]:
            worker.kill()
        assert process.wait(300) == 0, (folder / "said").read_text()
    assert "Traceback" not in (folder / "said").read_text()
    is_whole(folder)


@pytest.mark.parametrize("racing", RACING)
def test_a_search_killed_under_a_time_limit_keeps_all_its_trials(folder: Path, racing: str) -> None:
    arguments = [*RUN, "search.n_trials=5000", f"search.racing={racing}"]
    process = start(folder, *arguments, "search.timeout=600")
    wait_for(process, folder, 12, 0.1)
    process.kill()
    process.wait()
    done = run_command(folder, *arguments, "search.timeout=0.001", "resume=true")
    assert done.returncode == 0, done.stderr
    client = mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    (parent,) = client.search_runs(["1"], "tags.role = 'model'")
    children = client.search_runs(["1"], "tags.role = 'trial'")
    numbers = sorted(int(child.data.tags["trial"]) for child in children)
    file = client.download_artifacts(parent.info.run_id, "trials.csv", str(folder))
    assert numbers == pd.read_csv(file)["number"].tolist()
    assert 11 <= len(numbers) < 100 and parent.info.status == "FINISHED"


def test_a_second_interrupt_ends_it_at_once_wherever_it_is(folder: Path) -> None:
    process = start(folder, *RUN)
    wait_for(process, folder, TRIALS + 1, 0.0)  # the end is being written
    for _ in range(2):
        os.kill(process.pid, signal.SIGINT)
    assert process.wait(300) in (0, 130)
    resumed(folder, *RUN)
    is_whole(folder)


@pytest.mark.parametrize("moment", ENDS)
def test_a_run_ended_at_any_moment_shows_no_traceback_and_is_resumed(folder: Path, moment: int) -> None:
    rng = np.random.default_rng(moment)
    arguments = [*RUN, f"search.racing={str(moment % 2 == 0).lower()}"]
    process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, env=CLEAN, stderr=subprocess.PIPE)
    wait_for(process, folder, int(rng.integers(0, TRIALS + 2)), rng.uniform(0, 3))
    for number in ENDINGS[moment % len(ENDINGS)]:
        process.send_signal(number)
        time.sleep(rng.uniform(0, 1))
    message = process.communicate(timeout=120)[1].decode()
    leaving = {-signal.SIGINT, -signal.SIGTERM}  # it met an interpreter that was leaving
    assert process.returncode in {0, 130, 143} | leaving, message
    assert "Traceback" not in message and "rror" not in message
    if not rows(folder) or not finished(folder):
        resumed(folder, *arguments)
    is_whole(folder)


@pytest.mark.parametrize("sign", ["outputs/*/.hydra/overrides.yaml", "mlflow.db.lock"])
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_run_ended_before_its_search_leaves_nothing(
    folder: Path, ending: signal.Signals, sign: str
) -> None:
    process = subprocess.Popen([*COMMAND, *RUN], cwd=folder, env=CLEAN, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while not list(folder.glob(sign)) and time.monotonic() < limit:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(ending)
    _, message = process.communicate(timeout=60)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[ending], message
    assert "Traceback" not in message and "Warning" not in message
    assert {file.name for file in folder.iterdir()} <= {"t.csv", "mlflow.db.lock"}
