"""Runs: one parent for a tuned model, one child for each trial."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Run

from dge_experiments.errors import BadInput
from dge_experiments.report.records import Record
from dge_experiments.search.engine import Trial
from dge_experiments.search.recall import written
from dge_experiments.tracking import spill, writing
from dge_experiments.tracking.journal import FAULTS, FILE, Child, Journal, answers, once, outage, reason
from dge_experiments.tracking.resume import in_tags, process_tags
from dge_experiments.tracking.server import ASK_SECONDS, has_password, wait
from dge_experiments.tracking.store import experiment_id, refusal

CHILD_TAGS = ("mlflow.user", "mlflow.source.name", "mlflow.source.type", "mlflow.source.git.commit")


@dataclass
class ParentRun:
    """An open parent run; ``tags`` are copied to its children; ``fault`` is why the store did not take a record."""

    client: MlflowClient
    run_id: str
    experiment_id: str
    tags: Mapping[str, str]
    model_uri: str | None = None
    folder: Path = Path("outputs")
    patience: float = 600.0
    unsent: bool = False
    fault: str = "it does not answer"
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.client, self.folder / FILE)

    def artifact_link(self, path: str) -> str:
        """Link to an artifact from inside MLflow's UI, wherever that is served."""
        return f"#/experiments/{self.experiment_id}/runs/{self.run_id}/artifacts/{path}"

    @property
    def away(self) -> bool:
        """Whether something waits for the store, or would."""
        return bool(self.journal.waiting) or not answers()

    def log(self, records: Iterable[Record], status: str = "FINISHED") -> None:
        """Write the records, in order, after the trials.

        Where the store stays away longer than ``patience``, or the wait is broken off, they are left in ``folder``
        for ``dge-experiments sync``, with the ``status`` that the run will have then.
        """
        left = list(records)
        try:
            if self.journal.settle(self.patience):
                while left and self.send(left[0]):
                    left.pop(0)
        finally:
            if left or self.journal.waiting:
                self.unsent = True
                spill.write(self.folder, self._about(status), left)

    def end(self, status: str) -> None:
        """End the run; where the store is away, the status is left for ``dge-experiments sync``."""
        spilt = self.unsent
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
        elif not spilt:
            spill.write(self.folder, self._about(status), [])

    def _about(self, status: str) -> dict[str, str]:
        uri = mlflow.get_tracking_uri()
        uri = "" if has_password(uri) else uri  # that of a database stays in MLFLOW_TRACKING_URI
        return {"uri": uri, "run_id": self.run_id, "experiment_id": self.experiment_id, "status": status}

    def log_trial(self, trial: Trial, scoring: str) -> None:
        """Write one finished trial as a child, in one go, so that none is ever left half-made."""
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
        child = Child(
            experiment_id=self.experiment_id,
            name=f"trial-{trial.number:03d}",
            start=now - int(1000 * trial.fit_seconds),
            end=now,
            tags=tags,
            params={name: written(value) for name, value in trial.candidate.items()},
            metrics=tuple(metrics),
            status="FAILED" if trial.error else "KILLED" if trial.raced_out else "FINISHED",
            text=trial.error,
        )
        self.journal.add(child)
        if self.journal.waiting:
            spill.write(self.folder, self._about("KILLED"), [])

    def send(self, record: Record, *, again: bool = False) -> bool:
        """Write a record, again when the store is back; whether it was written within the patience.

        ``again``: an earlier attempt may have written a part of it.
        """
        limit = time.monotonic() + self.patience
        while True:
            try:
                uri = writing.write(self.client, self.run_id, self.experiment_id, record, again)
                self.model_uri = uri or self.model_uri
                return True
            except FAULTS as error:
                if not outage(error):
                    raise
                self.fault = reason(error)
            again, left = True, limit - time.monotonic()
            if left <= 0 or not wait(answers, left):
                return False
            time.sleep(min(ASK_SECONDS, left))


@contextmanager
def parent(
    client: MlflowClient,
    experiment: str,
    name: str,
    tags: Mapping[str, str],
    folder: Path = Path("outputs"),
    patience: float = 600.0,
    adopt: bool = True,
    *,
    own_tags: Mapping[str, str] | None = None,
    resumed: str | None = None,
) -> Iterator[ParentRun]:
    """Open a parent run in ``experiment``; the run that ``mlflow run`` made is taken where there is one
    (not with ``adopt=False``: the models of a sweep leave it to the leaderboard).

    ``tags`` are copied to its children, ``own_tags`` are not; ``resumed`` is a run to go on with. What the store
    does not take within ``patience`` seconds waits in ``folder``. It ends FINISHED, as FAILED after an error, and
    as KILLED after Ctrl-C or SIGTERM; children stay as they are.

    Raises
    ------
    BadInput
        the run that is given lies where only a server writes
    """
    made = os.environ.pop("MLFLOW_RUN_ID", None)  # else MLflow takes it for any run that is started
    given = resumed or (made if adopt else None)
    own_tags = {**tags, **(own_tags or {}), **process_tags()}

    def adopted(again: bool) -> Run:
        _takes_artifacts(client.get_run(str(given)))
        run: Run = mlflow.active_run() or mlflow.start_run(run_id=given)
        mlflow.set_tags({**own_tags, "mlflow.runName": name})
        return run

    def created(again: bool) -> Run:
        where = experiment_id(client, experiment)
        if again and (found := client.search_runs([where], query)):
            return mlflow.start_run(run_id=found[0].info.run_id)
        with once():
            return mlflow.start_run(experiment_id=where, run_name=name, tags=own_tags)

    query = (
        f"tags.pid = '{own_tags['pid']}' and tags.host = '{own_tags['host']}' and attributes.start_time >= "
    )
    query += str(int(time.time() * 1000))
    run = _patiently(adopted if given else created, patience)
    if made and not given:
        os.environ["MLFLOW_RUN_ID"] = made
    own = {key: run.data.tags[key] for key in CHILD_TAGS if key in run.data.tags}
    opened = ParentRun(
        client, run.info.run_id, run.info.experiment_id, {**own, **tags}, folder=folder, patience=patience
    )
    try:
        yield opened
    except (KeyboardInterrupt, SystemExit):
        opened.end("KILLED")
        raise
    except BaseException:
        opened.end("FAILED")
        raise
    opened.end("FINISHED")


def _takes_artifacts(run: Run) -> None:
    """Refuse a run whose artifacts go through a server that is not there, before any work is done."""
    if run.info.artifact_uri.startswith("mlflow-artifacts:") and not mlflow.get_tracking_uri().startswith(
        "http"
    ):
        raise BadInput(
            f"run {run.info.run_id}: was made in an experiment of mlflow ui (such as Default), where only a server "
            "writes artifacts; use mlflow run --experiment-name NAME"
        )


def _patiently(step: Callable[[bool], Run], patience: float) -> Run:
    """Open a run, again (``step(True)``) where the store went away meanwhile and came back within ``patience``."""
    limit, again = time.monotonic() + patience, False
    while True:
        try:
            return step(again)
        except FAULTS as error:
            left = limit - time.monotonic()
            if not outage(error):
                raise
            if left <= 0 or not wait(answers, left):
                raise BadInput(refusal(error)) from None
            again = True
            time.sleep(min(ASK_SECONDS, left))
