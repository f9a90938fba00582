"""Models: saved without pickle, loaded back and checked."""

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus
from mlflow.models import infer_signature
from skops.io import dumps, get_untrusted_types

from dge_experiments.report.records import Model

EXAMPLE_ROWS = 5


def log(model: Model) -> str:
    """Log a fitted pipeline to the active run in skops format; its URI.

    The types that skops does not trust by itself (a tree's nodes, XGBoost's booster) are named in the model's
    metadata, and no others are loaded. The logged model is read back and must answer as the fitted one does.

    Raises
    ------
    RuntimeError
        the model that was read back answers otherwise
    """
    example = model.X.head(EXAMPLE_ROWS)
    trusted = get_untrusted_types(data=dumps(model.pipeline))
    info = mlflow.sklearn.log_model(
        model.pipeline,
        name=model.name,
        serialization_format="skops",
        skops_trusted_types=trusted,
        signature=infer_signature(example, model.predicted[:EXAMPLE_ROWS]),
        input_example=example,
        pip_requirements=list(model.requirements),
        metadata=dict(model.metadata),
    )
    if not _answers(info.model_uri, model):
        raise RuntimeError(f"{info.model_uri} does not answer as the model that was saved")
    return str(info.model_uri)


def logged(client: MlflowClient, experiment_id: str, run_id: str, model: Model) -> str | None:
    """URI of the model that the run has already, from an attempt whose answer was lost; half-made ones are deleted."""
    for found in client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'"):
        if found.name != model.name:
            continue
        if found.status != LoggedModelStatus.READY:
            client.delete_logged_model(found.model_id)
        elif _answers(found.model_uri, model):
            return str(found.model_uri)
    return None


def _answers(uri: str, model: Model) -> bool:
    return np.array_equal(mlflow.sklearn.load_model(uri).predict(model.X), model.predicted)
