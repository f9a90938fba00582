"""An open run in the store: one parent for a tuned model, one child for each trial."""

import base64
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
from mlflow import MlflowClient

from dge_experiments.errors import BadInput, has_password
from dge_experiments.report.records import Model, Record
from dge_experiments.search.engine import Trial
from dge_experiments.search.recall import packed, written
from dge_experiments.tracking import spill, writing
from dge_experiments.tracking.journal import FAULTS, FILE, Child, Journal, answers, outage, reason
from dge_experiments.tracking.owner import owned
from dge_experiments.tracking.resume import in_tags
from dge_experiments.tracking.server import ASK_SECONDS, wait

OWNER_SECONDS = 10.0


class TakenOver(BadInput):
    """Another process is the writer of the run now."""


@dataclass
class ParentRun:
    """An open parent run.

    Attributes
    ----------
    tags : copied to its children
    folder : where records wait that the store did not accept
    patience : seconds to wait for the store
    resumed : an earlier process began the run and may have written a part of its records
    writer : identifies this process on the run; see ``owner.owned``
    defaults : the estimator's parameters; those of a child's candidate replace them
    unsent : something waits in ``folder``
    asked : when the owner was last checked (monotonic seconds)
    fault : why the store did not accept a record
    models : name of each logged model -> its URI
    """

    client: MlflowClient
    run_id: str
    experiment_id: str
    tags: Mapping[str, str]
    folder: Path = Path("outputs")
    patience: float = 600.0
    resumed: bool = False
    writer: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    unsent: bool = False
    asked: float = 0.0
    fault: str = "it does not answer"
    models: dict[str, str] = field(default_factory=dict)
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.client, self.folder / FILE)

    def artifact_link(self, path: str) -> str:
        """Link to an artifact that works inside MLflow's UI at any address."""
        return f"#/experiments/{self.experiment_id}/runs/{self.run_id}/artifacts/{path}"

    @property
    def away(self) -> bool:
        """Whether the store is unreachable, or trials wait for it."""
        return bool(self.journal.waiting) or not answers()

    def log(self, records: Iterable[Record], status: str = "FINISHED") -> None:
        """Write the records, in order, after the trials.

        If the store is unreachable for longer than ``patience``, or the wait is interrupted, they are saved in
        ``folder`` for ``dge-experiments sync``, with the ``status`` that the run will have then.
        """
        unsent = list(records)
        try:
            if self.journal.settle(self.patience):
                self.still_ours()
                while unsent and self.send(unsent[0], retry=self.resumed):
                    unsent.pop(0)
        except TakenOver:
            unsent.clear()
            raise
        finally:
            if unsent or self.journal.waiting:
                self.unsent = True
                spill.write(self.folder, self._about(status), unsent)

    def still_ours(self) -> None:
        """Raise TakenOver if another process has resumed this run meanwhile."""
        self.asked = time.monotonic()
        if self.writer and not owned(self.client, self.run_id, self.writer):
            self.journal.waiting.clear()
            raise TakenOver(
                f"run {self.run_id}: another start went on with this run meanwhile (resume=...); this one ends here"
            )

    def end(self, status: str) -> None:
        """End the run; if the store is unreachable, the status is saved for ``dge-experiments sync``."""
        already_saved = self.unsent
        if self.journal.waiting and not self.journal.drain():
            self.unsent = True
        try:
            mlflow.end_run("KILLED" if self.unsent else status)
        except FAULTS as error:
            if not outage(error):
                raise
            self.unsent = True
        if not self.unsent:
            spill.clear(self.folder)
            return
        if not already_saved:
            spill.write(self.folder, self._about(status), [])
        spill.close(self.folder)

    def _about(self, status: str) -> dict[str, str]:
        uri = mlflow.get_tracking_uri()
        uri = "" if has_password(uri) else uri  # such a URI is read from MLFLOW_TRACKING_URI
        return {"uri": uri, "run_id": self.run_id, "experiment_id": self.experiment_id, "status": status,
                "writer": self.writer}  # fmt: skip

    def log_trial(self, trial: Trial, scoring: str) -> None:
        """Write one finished trial as a child run, all at once, so that no half-written one is left. Its parameters are
        ``defaults``, replaced by those of its candidate."""
        if not self.journal.waiting and time.monotonic() - self.asked > OWNER_SECONDS:
            with suppress(*FAULTS):  # the store is unreachable; the journal waits for it
                self.still_ours()
        now = int(time.time() * 1000)
        tags = {
            **self.tags,
            "role": "trial",
            "trial": str(trial.number),
            "mlflow.parentRunId": self.run_id,
            **in_tags("folds", json.dumps([dict(fold) for fold in trial.folds])),
        }
        if trial.warnings:
            tags["warnings"] = json.dumps([text[:500] for text in trial.warnings[:10]])
        if trial.raced_out:
            tags["raced_out"] = f"after {len(trial.folds)} folds"
        metrics = [("fit_seconds", trial.fit_seconds, now, 0)]
        if not trial.error:
            means = {f"cv/{metric}": trial.mean(metric) for metric in trial.folds[0]}
            means[f"cv/{scoring}_std"] = trial.std(scoring)
            metrics += [(key, value, now, 0) for key, value in means.items()]
            metrics += [(f"fold/{scoring}", fold[scoring], now, k) for k, fold in enumerate(trial.folds)]
        selectable = trial.finished and trial.answers  # only these can be chosen as best
        child = Child(
            experiment_id=self.experiment_id,
            name=f"trial-{trial.number:03d}",
            start=now - int(1000 * trial.fit_seconds),
            end=now,
            tags=tags,
            params={**self.defaults, **{name: written(value) for name, value in trial.candidate.items()}},
            metrics=tuple(metrics),
            status="FAILED" if trial.error else "KILLED" if trial.raced_out else "FINISHED",
            text=trial.error,
            answers=base64.b64encode(packed(trial.answers)).decode() if selectable else None,
        )
        self.journal.add(child)
        if self.journal.waiting:
            spill.write(self.folder, self._about("KILLED"), [])

    def send(self, record: Record, *, retry: bool = False) -> bool:
        """Write a record, retried until the store answers; returns whether it was written within ``patience``.

        ``retry``: an earlier attempt may have written a part of it.
        """
        limit = time.monotonic() + self.patience
        while True:
            try:
                uri = writing.write(self.client, self.run_id, self.experiment_id, record, retry)
                if uri and isinstance(record, Model):
                    self.models[record.name] = uri
                return True
            except FAULTS as error:
                if not outage(error):
                    raise
                self.fault = reason(error)
            retry, remaining = True, limit - time.monotonic()
            if remaining <= 0 or not wait(answers, remaining):
                return False
            time.sleep(min(ASK_SECONDS, remaining))
