"""The run that ``mlflow run`` creates before it starts this package."""

import logging

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Experiment, Run
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE

from dge_experiments.errors import BadInput

DEFAULT = Experiment.DEFAULT_EXPERIMENT_NAME

log = logging.getLogger(__name__)


def in_default(client: MlflowClient, run_id: str | None) -> Run | None:
    """The run if it is in MLflow's experiment Default, else None."""
    if run_id is None:
        return None
    run = client.get_run(run_id)
    return run if client.get_experiment(run.info.experiment_id).name == DEFAULT else None


def project(run: Run | None) -> dict[str, str]:
    """The tags of the project that ``mlflow run`` started."""
    tags = run.data.tags if run else {}
    return {key: value for key, value in tags.items() if key.startswith("mlflow.project.")}


def point(client: MlflowClient, launched: Run, run: Run) -> None:
    """Write where the results are, in the description of the run that ``mlflow run`` created and in the log."""
    info, experiment = run.info, client.get_experiment(run.info.experiment_id).name
    where = f"#/experiments/{info.experiment_id}/runs/{info.run_id}?workflowType=machine_learning"
    client.set_tag(
        launched.info.run_id,
        MLFLOW_RUN_NOTE,
        f"`mlflow run` made this run. The results are in [{info.run_name} of {experiment}]({where}); with "
        "`--experiment-name NAME` they are in the run that it makes.",
    )
    log.warning(
        "mlflow run made run %s in the experiment %s; the results are in run %s of %s",
        launched.info.run_id, DEFAULT, info.run_id, experiment,
    )  # fmt: skip


def takes_artifacts(run: Run) -> None:
    """Refuse a run whose artifacts need a server when the store is no server, before any work is done."""
    if run.info.artifact_uri.startswith("mlflow-artifacts:") and not mlflow.get_tracking_uri().startswith(
        "http"
    ):
        raise BadInput(
            f"run {run.info.run_id}: was made in an experiment of mlflow ui, where only a server writes "
            "artifacts; use mlflow run --experiment-name NAME"
        )
