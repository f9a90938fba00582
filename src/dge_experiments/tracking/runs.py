"""Runs: one parent for a tuned model, one child for each trial."""

import json
import math
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
import mlflow.data.pandas_dataset
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput
from dge_experiments.search.engine import Trial
from dge_experiments.search.recall import written
from dge_experiments.tracking import models, spill
from dge_experiments.tracking.journal import FILE, Child, Journal, answers, outage, wait
from dge_experiments.tracking.records import (
    Data,
    Description,
    Frame,
    Metrics,
    Model,
    Params,
    Record,
    Tags,
    Text,
)
from dge_experiments.tracking.resume import in_tags, process_tags
from dge_experiments.tracking.store import experiment_id

CHILD_TAGS = ("mlflow.user", "mlflow.source.name", "mlflow.source.type", "mlflow.source.git.commit")


@dataclass
class ParentRun:
    """An open parent run; ``tags`` are copied to its children."""

    client: MlflowClient
    run_id: str
    experiment_id: str
    tags: Mapping[str, str]
    model_uri: str | None = None
    folder: Path = Path("outputs")
    patience: float = 600.0
    unsent: bool = False
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.client, self.folder / FILE)

    def artifact_link(self, path: str) -> str:
        """Link to an artifact from inside MLflow's UI, wherever that is served."""
        return f"#/experiments/{self.experiment_id}/runs/{self.run_id}/artifacts/{path}"

    def log(self, records: Iterable[Record]) -> None:
        """Write the records, in order, after the trials.

        Where the store stays away longer than ``patience``, they are left in ``folder`` for ``dge_experiments.sync``.
        """
        left = list(records)
        if self.journal.settle(self.patience):
            while left and self.send(left[0]):
                left.pop(0)
        if left or self.journal.waiting:
            self.unsent = True
            spill.write(self.folder, self._about("FINISHED"), left)

    def end(self, status: str) -> None:
        """End the run; where the store is away, the status is left for ``dge_experiments.sync``."""
        if self.journal.waiting and not self.journal.drain():
            self.unsent = True
        try:
            mlflow.end_run("KILLED" if self.unsent else status)
        except MlflowException as error:
            if not outage(error):
                raise
            self.unsent = True
        if self.unsent:
            spill.write(self.folder, self._about(status), [])
        else:
            spill.clear(self.folder)

    def _about(self, status: str) -> dict[str, str]:
        uri = mlflow.get_tracking_uri()
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

    def send(self, record: Record) -> bool:
        """Write a record, again when the store is back; whether it was written within the patience."""
        limit = time.monotonic() + self.patience
        while True:
            try:
                self._log(record)
                return True
            except MlflowException as error:
                left = limit - time.monotonic()
                if not outage(error):
                    raise
                if left <= 0 or not wait(answers, left):
                    return False

    def _log(self, record: Record) -> None:
        client, run_id = self.client, self.run_id
        match record:
            case Params(values):
                self._log_params({k: v[:6000] for k, v in values.items()})
            case Metrics(values):
                now = int(time.time() * 1000)
                kept = {k: float(v) for k, v in values.items() if not math.isnan(v)}
                client.log_batch(run_id, metrics=[Metric(k, v, now, 0) for k, v in kept.items()])
            case Tags(values):
                client.log_batch(run_id, tags=[RunTag(k, v) for k, v in values.items()])
            case Description(text):
                client.set_tag(run_id, "mlflow.note.content", text)
            case Text(path, text):
                client.log_text(run_id, text, path)
            case Frame(path, frame, side_by_side):
                client.log_text(run_id, frame.to_csv(index=frame.index.name is not None), path)
                if side_by_side:
                    client.log_table(run_id, frame, str(Path(path).with_suffix(".json")))
            case Data(frame, name, path, digest, label):
                with warnings.catch_warnings():  # MLflow finds two readings of a path, both the same
                    warnings.simplefilter("ignore", UserWarning)
                    data = mlflow.data.pandas_dataset.from_pandas(
                        frame, path, targets=label, name=name, digest=digest
                    )
                mlflow.log_input(data, context="training")
            case Model():
                self.model_uri = models.log(record)

    def _log_params(self, values: Mapping[str, str]) -> None:
        """MLflow keeps a parameter's first value: what has changed since becomes a tag, and the description says so."""
        data = self.client.get_run(self.run_id).data
        changed = {k: v for k, v in values.items() if data.params.get(k, v) != v}
        new = [Param(k, v) for k, v in values.items() if k not in data.params]
        self.client.log_batch(
            self.run_id, params=new, tags=[RunTag(f"now.{k}", v) for k, v in changed.items()]
        )
        if changed:
            now = ", ".join(f"{k}={v}" for k, v in changed.items())
            note = f"MLflow keeps a parameter's first value, from an earlier start or from mlflow run; now {now}."
            said = data.tags.get("mlflow.note.content", "")
            self.client.set_tag(self.run_id, "mlflow.note.content", f"{said}\n\n{note}".strip())


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
    if given:
        _takes_artifacts(client.get_run(given))
        run = mlflow.start_run(run_id=given)
        client.set_tag(given, "mlflow.runName", name)
    else:
        run = mlflow.start_run(experiment_id=experiment_id(client, experiment), run_name=name)
        if made:
            os.environ["MLFLOW_RUN_ID"] = made
    mlflow.set_tags({**tags, **(own_tags or {}), **process_tags()})
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
