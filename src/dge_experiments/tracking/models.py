"""Models: saved without pickle, read back and checked."""

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelStatus
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE
from skops.io import dumps, get_untrusted_types, load

from dge_experiments.prediction.score import Scorer, answers
from dge_experiments.report.records import Model
from dge_experiments.tracking import served
from dge_experiments.tracking.loading import DIGEST, digest

EXAMPLE_ROWS = 5
FILE = "model.skops"


def log(client: MlflowClient, model: Model) -> str:
    """Log a fitted pipeline to the active run in skops format; its URI.

    The types that skops does not trust by itself (a tree's nodes, XGBoost's booster) are named in the model's
    metadata, and no others are loaded. The logged model is read back and must predict the same as the fitted one. Then
    the SHA-256 of its file becomes a tag of the model, which marks it as complete.

    Raises
    ------
    RuntimeError
        the model that was read back predicts something else
    """
    example = model.X.head(EXAMPLE_ROWS)
    trusted = get_untrusted_types(data=dumps(model.pipeline))
    page = mlflow.initialize_logged_model(
        model.name, tags={MLFLOW_RUN_NOTE: model.description}, params=dict(model.parameters)
    )
    info = mlflow.models.Model.log(
        None,
        served,
        model_id=page.model_id,
        sk_model=model.pipeline,
        serialization_format="skops",
        skops_trusted_types=trusted,
        signature=infer_signature(example, answers(_scorer(model), example)),
        input_example=example,
        pip_requirements=list(model.requirements),
        metadata=dict(model.metadata),
        validate_serving_input=False,  # the model is read back below
    )
    file = _file(info.model_uri)
    if not _answers(file, trusted, model):
        raise RuntimeError(f"{info.model_uri} does not answer as the model that was saved")
    client.set_logged_model_tags(info.model_id, {DIGEST: digest(file)})
    return str(info.model_uri)


def logged(client: MlflowClient, experiment_id: str, run_id: str, model: Model) -> str | None:
    """URI of the model that an earlier attempt logged to the run, or None; other models with its name are deleted.

    A model that is registered is never deleted: a version of a registered model does not change.
    """
    trusted = get_untrusted_types(data=dumps(model.pipeline))
    registered = {version.source for version in client.search_model_versions(f"run_id = '{run_id}'")}
    uri: str | None = None
    for candidate in client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'"):
        if candidate.name != model.name:  # the run's other model
            continue
        if uri is None and _complete(candidate) and _same(candidate, trusted, model):
            uri = str(candidate.model_uri)
        elif not registered & {candidate.model_uri, candidate.artifact_location}:
            client.delete_logged_model(candidate.model_id)
    return uri


def _scorer(model: Model) -> Scorer:
    labels: Any = model.metadata.get("classes") or model.pipeline.classes_
    classes = tuple(map(str, labels))
    return Scorer(model.name, model.pipeline, tuple(model.X.columns), classes, {}, model.metadata)


def _complete(logged_model: LoggedModel) -> bool:
    return logged_model.status == LoggedModelStatus.READY and DIGEST in logged_model.tags


def _same(logged_model: LoggedModel, trusted: list[str], model: Model) -> bool:
    try:
        file = _file(logged_model.model_uri)
        intact = digest(file) == logged_model.tags[DIGEST] and set(get_untrusted_types(file=file)) <= set(
            trusted
        )
        return intact and _answers(file, trusted, model)
    except (MlflowException, OSError):
        return False


def _file(uri: str) -> Path:
    return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri)) / FILE


def _answers(file: Path, trusted: list[str], model: Model) -> bool:
    """Whether a model file that this package logged predicts the same as the fitted model. Not read with MLflow, whose
    loader may be forbidden (MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false)."""
    return np.array_equal(load(file, trusted=trusted).predict(model.X), model.predicted)
