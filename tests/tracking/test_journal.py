"""A server that is killed at random moments loses nothing and doubles nothing."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from dge_experiments.search.engine import Trial
from dge_experiments.tracking import journal, runs, store
from given import run_door


class Server:
    """``mlflow server`` with one worker on a loopback port; it can be killed and started again."""

    def __init__(self, folder: Path, backend: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.backend, self.uri = folder, backend, f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", self.backend, "--workers", "1"]
        command += ["--artifacts-destination", str(self.folder / "artifacts")]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
                env={**clean, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            )  # fmt: skip
        limit = time.time() + 120
        while time.time() < limit:
            try:
                urlopen(f"{self.uri}/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.3)
        raise RuntimeError((self.folder / "server.log").read_text())

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def server(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on the project's ready SQLite file, and a process that looks at it."""
    started = Server(project, f"sqlite:///{project / 'mlflow.db'}")
    started.start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", started.uri)
    mlflow.set_tracking_uri(started.uri)
    yield started
    started.kill()
    mlflow.set_tracking_uri(None)


def trial(number: int) -> Trial:
    return Trial(number, {"C": number / 7}, ({"accuracy": 0.5}, {"accuracy": number / 100}), 0.1)


def children(client: MlflowClient, parent: runs.ParentRun) -> list[mlflow.entities.Run]:
    query = f"tags.`mlflow.parentRunId` = '{parent.run_id}'"
    return list(client.search_runs([parent.experiment_id], query, max_results=1000))


def whole(client: MlflowClient, parent: runs.ParentRun, n: int) -> None:
    """All n trials are there, once each, finished and complete."""
    found = children(client, parent)
    assert sorted(int(run.data.tags["trial"]) for run in found) == list(range(n))
    for run in found:
        number = int(run.data.tags["trial"])
        assert run.info.status == "FINISHED"
        assert float(run.data.params["C"]) == number / 7
        assert run.data.metrics["cv/accuracy"] == pytest.approx((0.5 + number / 100) / 2)
        assert len(client.get_metric_history(run.info.run_id, "fold/accuracy")) == 2


@pytest.mark.server
def test_a_server_killed_at_random_moments_loses_and_doubles_nothing(project: Path, server: Server) -> None:
    client, dice, n = store.connect(None), random.Random(1), 60
    stop = threading.Event()

    def killer() -> None:
        for _ in range(3):
            time.sleep(dice.uniform(0.2, 1.5))
            server.kill()
            time.sleep(dice.uniform(0.1, 2))
            server.start()
        stop.set()

    with runs.parent(client, "q", "n", {"role": "model"}, project / "out", 120) as parent:
        thread = threading.Thread(target=killer)
        thread.start()
        for number in range(n):
            parent.log_trial(trial(number), "accuracy")
            time.sleep(0.1 if stop.is_set() else 0.4)
        thread.join()
        parent.log([])
    assert not parent.unsent
    assert not list((project / "out").rglob("*.jsonl")) and not (project / "out" / "unsent").exists()
    whole(client, parent, n)
    assert client.get_run(parent.run_id).info.status == "FINISHED"


@pytest.mark.server
def test_what_the_server_never_took_is_sent_later(project: Path, server: Server) -> None:
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}, project / "out", 1) as parent:
        parent.log_trial(trial(0), "accuracy")
        server.kill()
        for number in range(1, 5):
            parent.log_trial(trial(number), "accuracy")
        parent.log([runs.Metrics({"test/accuracy": 0.5}), runs.Text("a.txt", "hello")])
    assert parent.unsent
    away = run_door(project, str(project / "out"), door="sync")
    assert away.returncode == 2 and "no MLflow server answers there" in away.stderr
    server.start()
    done = run_door(project, str(project / "out"), door="sync")
    assert done.returncode == 0, done.stderr
    assert "4 trials sent" in done.stdout and "2 records sent" in done.stdout
    whole(client, parent, 5)
    run = client.get_run(parent.run_id)
    assert (run.info.status, run.data.metrics["test/accuracy"]) == ("FINISHED", 0.5)
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a.txt") == "hello"
    assert run_door(project, str(project / "out"), door="sync").returncode == 2


def failing(client: MlflowClient, name: str, at: int) -> Callable[[], None]:
    """Make the client's method fail like a server that dies on the call number ``at``, after it was done."""
    real, calls = getattr(client, name), [0]

    def once(*args: object, **named: object) -> object:
        calls[0] += 1
        result = real(*args, **named)
        if calls[0] == at:
            raise MlflowException("gone")
        return result

    setattr(client, name, once)
    return lambda: setattr(client, name, real)


@pytest.mark.parametrize("call", ["create_run", "log_batch", "set_terminated"])
def test_an_answer_that_was_lost_doubles_nothing(project: Path, call: str) -> None:
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}, project / "out", 5) as parent:
        failing(client, call, 2)
        for number in range(4):
            parent.log_trial(trial(number), "accuracy")
        parent.log([])
    whole(store.connect(None), parent, 4)


def test_a_line_cut_short_by_a_crash_is_left_out(project: Path) -> None:
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}, project / "out", 0) as parent:
        parent.journal.asked = time.monotonic()
        failing(client, "create_run", 1)
        parent.log_trial(trial(0), "accuracy")
        file = project / "out" / journal.FILE
        whole_line = file.read_text()
        file.write_text(whole_line + whole_line[:50])
        assert len(journal.load(client, file).waiting) == 1
        parent.log([])
    whole(client, parent, 1)


def test_what_was_wrong_is_no_outage(project: Path) -> None:
    client = store.connect(None)
    with (
        pytest.raises(MlflowException),
        runs.parent(client, "q", "n", {"role": "model"}, project / "out", 5) as parent,
    ):
        bad = trial(0)
        parent.log_trial(Trial(0, {"bad[key": 1}, bad.folds, 0.1), "accuracy")
