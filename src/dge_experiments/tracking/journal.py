"""Trials wait in memory and in a file while the server is unreachable, and are sent in order when it answers again."""

import base64
import json
import os
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException

from dge_experiments.errors import first_line, system_fault, without_password
from dge_experiments.tracking import server
from dge_experiments.tracking.server import ASK_SECONDS, wait

FILE = "journal.jsonl"
ANSWERS = "answers.npz"
FAULTS = (MlflowException, OSError)  # of a store; ``outage`` tells which mean that it is unreachable
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"


@dataclass(frozen=True)
class Child:
    """One finished trial: everything that its child run holds, including times, so that it can be sent again.

    ``metrics`` are (name, value, milliseconds, step); ``text`` is the traceback of a failed trial, ``answers`` the
    file of its predictions in base 64.
    """

    experiment_id: str
    name: str
    start: int
    end: int
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: tuple[tuple[str, float, int, int], ...]
    status: str
    text: str | None = None
    answers: str | None = None


@dataclass
class Journal:
    """Child runs to be sent to the store.

    Attributes
    ----------
    file : where they wait; created when the first one has to wait
    waiting : the child runs not sent yet, oldest first
    asked : when the store was last asked (monotonic seconds)
    """

    client: MlflowClient
    file: Path
    waiting: deque[Child] = field(default_factory=deque)
    asked: float = 0.0

    def add(self, child: Child) -> None:
        """Send a child run, or save it in the file if the store is unreachable or others wait before it."""
        if not self.waiting:
            try:
                send(self.client, child, retry=False)
                return
            except FAULTS as error:
                if not outage(error):
                    raise
        self.waiting.append(child)
        self._save(child)
        if time.monotonic() - self.asked > ASK_SECONDS:
            self.drain()

    def drain(self) -> bool:
        """Send the waiting child runs, in order, as long as the store answers; returns whether all were sent."""
        self.asked = time.monotonic()
        while self.waiting and answers():
            try:
                send(self.client, self.waiting[0], retry=True)
            except FAULTS as error:
                if not outage(error):
                    raise
                break
            self.waiting.popleft()
        if not self.waiting:
            self.file.unlink(missing_ok=True)
        return not self.waiting

    def settle(self, patience: float) -> bool:
        """Try for up to ``patience`` seconds to send what waits; returns whether all was sent."""
        return wait(self.drain, patience)

    def _save(self, child: Child) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(child)) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


def load(client: MlflowClient, file: Path) -> Journal:
    """The journal in ``file``; a last line that a crash cut short is left out."""
    waiting: deque[Child] = deque()
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            values = json.loads(line)
        except json.JSONDecodeError:
            break
        waiting.append(Child(**{**values, "metrics": tuple(map(tuple, values["metrics"]))}))
    return Journal(client, file, waiting)


def send(client: MlflowClient, child: Child, *, retry: bool) -> None:
    """Write a child run. With ``retry``, complete what an earlier attempt began; a complete child is not changed."""
    run = _earlier_attempt(client, child) if retry else None
    if run is not None and run.info.status != "RUNNING":
        return
    if run is None:
        with once():
            run = client.create_run(child.experiment_id, child.start, dict(child.tags), child.name)
    run_id = run.info.run_id
    if child.text is not None:
        client.log_text(run_id, child.text, "traceback.txt")
    if child.answers is not None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, ANSWERS)
            file.write_bytes(base64.b64decode(child.answers))
            client.log_artifact(run_id, str(file))
    client.log_batch(
        run_id,
        metrics=[Metric(*metric) for metric in child.metrics],
        params=[Param(key, value) for key, value in child.params.items()],
    )
    client.set_terminated(run_id, child.status, child.end)


def outage(error: Exception) -> bool:
    """Whether the store is unreachable, locked or restarting; False for a refused request and for a full disk."""
    if system_fault(error):
        return False
    if isinstance(error, MlflowException):
        return int(error.get_http_status_code()) >= 500  # type: ignore[no-untyped-call]
    if not hasattr(error, "response"):  # not a request but a local file
        return False
    return error.response is None or int(error.response.status_code) >= 500


def reason(error: Exception) -> str:
    """The error in one short line, without a password."""
    return without_password(first_line(error, 200))


def answers() -> bool:
    """Whether the store answers."""
    return server.answers(mlflow.get_tracking_uri())


@contextmanager
def once() -> Iterator[None]:
    """Turn off MLflow's HTTP retries: if only the answer was lost, a retry would create a run twice."""
    before = os.environ.get(RETRIES)
    os.environ[RETRIES] = "0"
    try:
        yield
    finally:
        os.environ.pop(RETRIES)
        if before is not None:
            os.environ[RETRIES] = before


def _earlier_attempt(client: MlflowClient, child: Child) -> Any:
    """The run that an earlier attempt created for this child, or None."""
    parent, trial = child.tags["mlflow.parentRunId"], child.tags["trial"]
    query = f"tags.`mlflow.parentRunId` = '{parent}' and tags.`trial` = '{trial}'"
    runs = client.search_runs([child.experiment_id], query, max_results=1)
    return runs[0] if runs else None
