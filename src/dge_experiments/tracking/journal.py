"""Trials wait in memory and in a file while the server is away, and are sent in order when it is back."""

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

from dge_experiments.errors import first_line, system_fault
from dge_experiments.tracking import server
from dge_experiments.tracking.server import ASK_SECONDS, wait

FILE = "journal.jsonl"
ANSWERS = "answers.npz"
FAULTS = (MlflowException, OSError)  # of a store; ``outage`` says which are not of what was sent
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"


@dataclass(frozen=True)
class Child:
    """One finished trial as it is written: all that a child run holds, times included, so that it can be sent again.

    ``metrics`` are (name, value, milliseconds, step); ``text`` is the traceback of a failed one, ``answers`` the file
    of its kept answers in base 64.
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
    """Children on their way to the store.

    Attributes
    ----------
    file : where they wait; made when the first has to
    waiting : those not sent, oldest first
    """

    client: MlflowClient
    file: Path
    waiting: deque[Child] = field(default_factory=deque)
    asked: float = 0.0

    def add(self, child: Child) -> None:
        """Send a child, or keep it where the store is away or others wait before it."""
        if not self.waiting:
            try:
                send(self.client, child, again=False)
                return
            except FAULTS as error:
                if not outage(error):
                    raise
        self.waiting.append(child)
        self._keep(child)
        if time.monotonic() - self.asked > ASK_SECONDS:
            self.drain()

    def drain(self) -> bool:
        """Send what waits, in order, as long as the store answers; whether nothing waits any more."""
        self.asked = time.monotonic()
        while self.waiting and answers():
            try:
                send(self.client, self.waiting[0], again=True)
            except FAULTS as error:
                if not outage(error):
                    raise
                break
            self.waiting.popleft()
        if not self.waiting:
            self.file.unlink(missing_ok=True)
        return not self.waiting

    def settle(self, patience: float) -> bool:
        """Wait up to ``patience`` seconds for the store to take what waits; whether it did."""
        return wait(self.drain, patience)

    def _keep(self, child: Child) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(child)) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


def load(client: MlflowClient, file: Path) -> Journal:
    """The journal in ``file``; a last line that was cut short by a crash is left out."""
    waiting: deque[Child] = deque()
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            given = json.loads(line)
        except json.JSONDecodeError:
            break
        waiting.append(Child(**{**given, "metrics": tuple(map(tuple, given["metrics"]))}))
    return Journal(client, file, waiting)


def send(client: MlflowClient, child: Child, *, again: bool) -> None:
    """Write a child. With ``again``, what an earlier attempt began is completed, and a complete child left alone."""
    run = _begun(client, child) if again else None
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
    """Whether the store is away, locked or restarting: not what was sent, and no disk that is full."""
    if system_fault(error):
        return False
    if isinstance(error, MlflowException):
        return int(error.get_http_status_code()) >= 500  # type: ignore[no-untyped-call]
    if not hasattr(error, "response"):  # no answer to a request, but a file of our own
        return False
    return error.response is None or int(error.response.status_code) >= 500


def reason(error: Exception) -> str:
    """What went wrong, in one short line."""
    return server.shown(first_line(error, 200))


def answers() -> bool:
    """Whether the store can be asked."""
    return server.answers(mlflow.get_tracking_uri())


@contextmanager
def once() -> Iterator[None]:
    """MLflow asks a second time where an answer was lost: a run would be made twice. Here it asks once."""
    before = os.environ.get(RETRIES)
    os.environ[RETRIES] = "0"
    try:
        yield
    finally:
        os.environ.pop(RETRIES)
        if before is not None:
            os.environ[RETRIES] = before


def _begun(client: MlflowClient, child: Child) -> Any:
    """The run that an earlier attempt made of this child, or None."""
    parent, trial = child.tags["mlflow.parentRunId"], child.tags["trial"]
    query = f"tags.`mlflow.parentRunId` = '{parent}' and tags.`trial` = '{trial}'"
    found = client.search_runs([child.experiment_id], query, max_results=1)
    return found[0] if found else None
