"""The run that ``mlflow run`` makes before this package is started."""

import logging

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Experiment, Run
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE

from dge_experiments.errors import BadInput

DEFAULT = Experiment.DEFAULT_EXPERIMENT_NAME

log = logging.getLogger(__name__)


def in_default(client: MlflowClient, run_id: str | None) -> Run | None:
    """The run, where it lies in MLflow's experiment Default, else None."""
    if run_id is None:
        return None
    run = client.get_run(run_id)
    return run if client.get_experiment(run.info.experiment_id).name == DEFAULT else None


def project(run: Run | None) -> dict[str, str]:
    """The tags of the project that ``mlflow run`` started."""
    tags = run.data.tags if run else {}
    return {key: value for key, value in tags.items() if key.startswith("mlflow.project.")}


def point(client: MlflowClient, made: Run, run: Run) -> None:
    """Say on the run that ``mlflow run`` made, and on the console, where the results are."""
    info, experiment = run.info, client.get_experiment(run.info.experiment_id).name
    where = f"#/experiments/{info.experiment_id}/runs/{info.run_id}?workflowType=machine_learning"
    client.set_tag(
        made.info.run_id,
        MLFLOW_RUN_NOTE,
        f"`mlflow run` made this run. The results are in [{info.run_name} of {experiment}]({where}); with "
        "`--experiment-name NAME` they are in the run that it makes.",
    )
    log.warning(
        "mlflow run made run %s in the experiment %s; the results are in run %s of %s",
        made.info.run_id, DEFAULT, info.run_id, experiment,
    )  # fmt: skip


def takes_artifacts(run: Run) -> None:
    """Refuse a run whose artifacts go through a server that is not there, before any work is done."""
    if run.info.artifact_uri.startswith("mlflow-artifacts:") and not mlflow.get_tracking_uri().startswith(
        "http"
    ):
        raise BadInput(
            f"run {run.info.run_id}: was made in an experiment of mlflow ui, where only a server writes "
            "artifacts; use mlflow run --experiment-name NAME"
        )
