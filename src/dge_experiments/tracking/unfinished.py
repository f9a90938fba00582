"""Find runs that failed or were interrupted, and delete them with their trials and models."""

import mlflow
import pandas as pd
from mlflow import MlflowClient

from dge_experiments.errors import without_password
from dge_experiments.tracking import parents, server


def runs(client: MlflowClient) -> pd.DataFrame:
    """Parent runs that failed or were interrupted, newest first: the columns of ``parents.unfinished``, and
    the number of ``trials``. Runs whose process is still running are left out."""
    parent_runs = parents.search(client, list(parents.experiments(client)), "tags.`role` = 'model'")
    frame = parents.unfinished(client, parent_runs)
    frame = frame[frame["status"] != "running"].reset_index(drop=True)
    experiment_ids = {run.info.run_id: run.info.experiment_id for run in parent_runs}
    counts = [len(_children(client, experiment_ids[run_id], run_id)) for run_id in frame["run_id"]]
    return frame.assign(trials=counts)


def delete(client: MlflowClient, run_id: str) -> None:
    """Delete a parent run as MLflow does, so that it can be restored, with its trials and models."""
    experiment = client.get_run(run_id).info.experiment_id
    for model in client.search_logged_models([experiment], f"source_run_id = '{run_id}'"):
        client.delete_logged_model(model.model_id)
    for child in _children(client, experiment, run_id):
        client.delete_run(child)
    client.delete_run(run_id)


def for_good() -> str:
    """The command that removes deleted runs and their files for good."""
    uri = mlflow.get_tracking_uri()
    backend = "its-database" if server.is_server(uri) else without_password(uri)
    return f"mlflow gc --backend-store-uri {backend} --tracking-uri {without_password(uri)}"


def _children(client: MlflowClient, experiment_id: str, run_id: str) -> list[str]:
    query = f"tags.`mlflow.parentRunId` = '{run_id}'"
    return [child.info.run_id for child in parents.search(client, [experiment_id], query)]
