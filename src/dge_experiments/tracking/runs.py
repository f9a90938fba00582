"""Runs: one parent for a tuned model, one child for each trial."""

import json
import math
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mlflow
import mlflow.data.pandas_dataset
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from dge_experiments.search.engine import Trial
from dge_experiments.search.recall import written
from dge_experiments.tracking import models
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

    def artifact_link(self, path: str) -> str:
        """Link to an artifact from inside MLflow's UI, wherever that is served."""
        return f"#/experiments/{self.experiment_id}/runs/{self.run_id}/artifacts/{path}"

    def log(self, records: Iterable[Record]) -> None:
        """Write the records, in order."""
        for record in records:
            self._log(record)

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
        child = self.client.create_run(
            self.experiment_id,
            start_time=now - int(1000 * trial.fit_seconds),
            tags=tags,
            run_name=f"trial-{trial.number:03d}",
        )
        child_id = child.info.run_id
        params = [Param(name, written(value)) for name, value in trial.candidate.items()]
        metrics = [Metric("fit_seconds", trial.fit_seconds, now, 0)]
        if trial.error:
            self.client.log_text(child_id, trial.error, "traceback.txt")
        else:
            means = {f"cv/{metric}": trial.mean(metric) for metric in trial.folds[0]}
            means[f"cv/{scoring}_std"] = trial.std(scoring)
            metrics += [Metric(key, value, now, 0) for key, value in means.items()]
            metrics += [Metric(f"fold/{scoring}", f[scoring], now, k) for k, f in enumerate(trial.folds)]
        self.client.log_batch(child_id, metrics=metrics, params=params)
        ended = "FAILED" if trial.error else "KILLED" if trial.raced_out else "FINISHED"
        self.client.set_terminated(child_id, ended)

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
            note = f"Resumed or extended: MLflow keeps a parameter's first value; it is now {now}."
            said = data.tags.get("mlflow.note.content", "")
            self.client.set_tag(self.run_id, "mlflow.note.content", f"{said}\n\n{note}".strip())


@contextmanager
def parent(
    client: MlflowClient,
    experiment: str,
    name: str,
    tags: Mapping[str, str],
    own_tags: Mapping[str, str] | None = None,
    resumed: str | None = None,
) -> Iterator[ParentRun]:
    """Open a parent run in ``experiment``; the run that ``mlflow run`` made is taken where there is one.

    ``tags`` are copied to its children, ``own_tags`` are not; ``resumed`` is a run to go on with.
    It ends FINISHED, as FAILED after an error, and as KILLED after Ctrl-C or SIGTERM; children stay as they are.
    """
    given = resumed or os.environ.get("MLFLOW_RUN_ID")
    if given:
        run = mlflow.start_run(run_id=given)
        client.set_tag(given, "mlflow.runName", name)
    else:
        run = mlflow.start_run(experiment_id=experiment_id(client, experiment), run_name=name)
    mlflow.set_tags({**tags, **(own_tags or {}), **process_tags()})
    own = {key: run.data.tags[key] for key in CHILD_TAGS if key in run.data.tags}
    try:
        yield ParentRun(client, run.info.run_id, run.info.experiment_id, {**own, **tags})
    except (KeyboardInterrupt, SystemExit):
        mlflow.end_run("KILLED")
        raise
    except BaseException:
        mlflow.end_run("FAILED")
        raise
    mlflow.end_run("FINISHED")
