"""A server that is killed at random moments loses nothing and doubles nothing."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow
import outages
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from outages import trial

from commands import run_command
from dge_experiments.report import records
from dge_experiments.search.engine import Trial
from dge_experiments.tracking import journal, parent_run, resume, runs, store, writing
from mlflow_server import Server

pytestmark = pytest.mark.slow


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
        assert [each.tolist() for each in resume.answers(client, run.info.run_id)] == [
            [number, 0],
            [number, 1],
        ]


def test_a_model_whose_answer_was_lost_is_not_written_again(project: Path) -> None:
    client = store.connect(None)
    model = outages.what_is_written()[-1]
    with runs.parent(client, "q", "n", {"role": "model"}, project / "out") as parent:
        where = client, parent.run_id, parent.experiment_id
        first = writing.write(*where, model)
        client.create_logged_model(parent.experiment_id, "m", parent.run_id)  # begun, and broken off
        assert writing.write(*where, model, retry=True) == first
    (left,) = client.search_logged_models([parent.experiment_id])
    assert left.model_uri == first


@pytest.mark.server
def test_crashes_at_random_moments_lose_and_double_nothing(project: Path) -> None:
    counts = outages.campaign(project, rounds=2, seed=1, kinds=("server", "sync"))
    wrong = {what: n for what, n in counts.items() if n and what.endswith(("lost", "doubled", "half-made"))}
    assert not wrong
    assert (counts["server crashes"], counts["sync crashes"]) == (1, 1)
    assert counts["runs"] == 2 * (1 + outages.TRIALS)


@pytest.mark.server
def test_what_the_server_never_took_is_sent_later(project: Path, server: Server) -> None:
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}, project / "out", 1) as parent:
        parent.log_trial(trial(0), "accuracy")
        server.kill()
        for number in range(1, 5):
            parent.log_trial(trial(number), "accuracy")
        parent.log([records.Metrics({"test/accuracy": 0.5}), records.Text("a.txt", "hello")])
    assert parent.unsent
    away = run_command(project, str(project / "out"), command="sync")
    assert away.returncode == 2 and "no MLflow server answers there" in away.stderr
    server.start()
    done = run_command(project, str(project / "out"), command="sync")
    assert done.returncode == 0, done.stderr
    assert "4 trials sent" in done.stdout and "2 records sent" in done.stdout
    whole(client, parent, 5)
    run = client.get_run(parent.run_id)
    assert (run.info.status, run.data.metrics["test/accuracy"]) == ("FINISHED", 0.5)
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a.txt") == "hello"
    assert run_command(project, str(project / "out"), command="sync").returncode == 2


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


def test_a_wait_that_is_broken_off_leaves_everything_on_disk(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = store.connect(None)

    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        runs.parent(client, "q", "n", {"role": "model"}, project / "out", 60) as parent,
    ):
        failing(client, "set_tag", 1)
        monkeypatch.setattr(parent_run, "wait", interrupt)
        parent.log([records.Description("hello"), records.Metrics({"test/accuracy": 0.5})])
    assert client.get_run(parent.run_id).info.status == "KILLED"
    done = run_command(project, str(project / "out"), command="sync")
    assert done.returncode == 0 and "2 records sent" in done.stdout, done.stderr
    run = client.get_run(parent.run_id)
    assert (run.info.status, run.data.metrics["test/accuracy"]) == ("FINISHED", 0.5)


def test_a_run_whose_first_answer_was_lost_is_found_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, real, calls = store.connect(None), mlflow.start_run, [0]

    def once(**named: object) -> mlflow.ActiveRun:
        run = real(**named)
        calls[0] += 1
        if calls[0] == 1:
            mlflow.end_run("RUNNING")
            raise MlflowException("gone")
        return run

    monkeypatch.setattr(mlflow, "start_run", once)
    with runs.parent(client, "q", "n", {"role": "model"}, project / "out", 5) as parent:
        pass
    experiment = client.get_experiment_by_name("q").experiment_id
    (run,) = client.search_runs([experiment])
    assert (run.info.run_id, run.info.status) == (parent.run_id, "FINISHED")


@pytest.mark.parametrize("call", ["create_run", "log_artifact", "log_batch", "set_terminated"])
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
