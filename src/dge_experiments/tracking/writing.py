"""Write records to MLflow; a record that is sent twice is stored once."""

import math
import time
import warnings
from collections.abc import Mapping

import mlflow
import mlflow.data.pandas_dataset
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from dge_experiments.evaluation.key import CORRECTED, Key
from dge_experiments.report.records import (
    HONEST_MODEL,
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
from dge_experiments.tracking import models
from dge_experiments.tracking.tags import NOW, latest

SCORED = (CORRECTED, "cv", "test")  # the parts of a table on which a run's model is scored


def write(
    client: MlflowClient, run_id: str, experiment_id: str, record: Record, retry: bool = False
) -> str | None:
    """Log a record to the active run ``run_id``; the URI of a model, else None.

    ``retry``: an earlier attempt may have written a part of it.
    """
    match record:
        case Params(values):
            _params(client, run_id, {k: v[:6000] for k, v in values.items()})
        case Metrics(values):
            finite = {k: float(v) for k, v in values.items() if not math.isnan(v)}
            client.log_batch(run_id, metrics=_metrics(client, run_id, experiment_id, finite))
        case Tags(values):
            client.log_batch(run_id, tags=[RunTag(k, v) for k, v in values.items()])
        case Description(text):
            client.set_tag(run_id, "mlflow.note.content", text)
        case Text(path, text):
            client.log_text(run_id, text, path)
        case Frame(path, frame):
            client.log_text(run_id, frame.to_csv(index=False), path)
        case Data(frame, name, path, digest, label):
            with warnings.catch_warnings():  # MLflow matches two kinds of source for a path; both are equal
                warnings.simplefilter("ignore", UserWarning)
                data = mlflow.data.pandas_dataset.from_pandas(
                    frame, path, targets=label or None, name=name, digest=digest
                )
            mlflow.log_input(data, context="training")
        case Model():
            logged = models.logged(client, experiment_id, run_id, record) if retry else None
            return logged or models.log(client, record)
    return None


def _metrics(
    client: MlflowClient, run_id: str, experiment_id: str, values: Mapping[str, float]
) -> list[Metric]:
    """The values linked to their model and, if the run read only one table, to that table: MLflow's pages of the model
    and of the data set then show them."""
    now, inputs = int(time.time() * 1000), client.get_run(run_id).inputs
    tables = {item.dataset.digest: item.dataset for item in inputs.dataset_inputs} if inputs else {}
    (table,) = tables.values() if len(tables) == 1 else (None,)
    logged_models = client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'")
    model_ids = {str(logged.name).endswith(HONEST_MODEL): logged.model_id for logged in logged_models}
    name, digest = (table.name, table.digest) if table else (None, None)

    def metric(text: str, value: float) -> Metric:
        key = Key.parse(text)
        scored = key.part in SCORED and key.reading in ("", "honest")
        model_id = model_ids.get(key.reading == "honest") if scored else None
        return Metric(
            text, value, now, 0, model_id, name if scored else None, digest if scored else None, run_id
        )

    return [metric(text, value) for text, value in values.items()]


def _params(client: MlflowClient, run_id: str, values: Mapping[str, str]) -> None:
    """Log parameters. MLflow keeps a parameter's first value, so changed values become tags (see :func:`latest`) and
    the description names them."""
    run = client.get_run(run_id)
    first, last = run.data.params, latest(run)
    changed = {k: v for k, v in values.items() if first.get(k, v) != v}
    changed_back = {k: v for k, v in values.items() if last.get(k, v) != v}
    new = [Param(k, v) for k, v in values.items() if k not in first]
    tags = [RunTag(f"{NOW}{k}", v) for k, v in (changed | changed_back).items()]
    client.log_batch(run_id, params=new, tags=tags)
    if changed:
        now = ", ".join(f"{k}={v}" for k, v in changed.items())
        note = f"MLflow keeps a parameter's first value, from an earlier start or from mlflow run; now {now}."
        description = run.data.tags.get("mlflow.note.content", "")
        if note not in description:
            client.set_tag(run_id, "mlflow.note.content", f"{description}\n\n{note}".strip())
