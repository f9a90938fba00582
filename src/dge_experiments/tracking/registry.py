"""The model registry: the best run's model becomes a version."""

import contextlib
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput

COPIED_TAGS = ("model", "target", "features", "data_digest", "split_hash", "leak", "git_commit")


@dataclass(frozen=True)
class Version:
    """A registered model version, and the run it came from."""

    name: str
    version: str
    run: Run
    metric: str
    score: float


def newest_experiment(client: MlflowClient) -> str:
    """Name of the MLflow experiment with the newest finished parent run.

    Raises
    ------
    BadInput
        no finished run in any experiment
    """
    experiments = {e.experiment_id: e.name for e in client.search_experiments()}
    runs = client.search_runs(
        list(experiments), _finished(), max_results=1, order_by=["attributes.start_time DESC"]
    )
    if not runs:
        raise BadInput("no finished run to register in this store; run python -m dge_experiments first")
    return str(experiments[runs[0].info.experiment_id])


def best(client: MlflowClient, experiment: str, metric: str | None) -> tuple[Run, str]:
    """The finished parent run of ``experiment`` with the highest ``metric``, and the metric's name.

    Default metric: ``cv/<scoring>`` of the newest run. Equal scores: the newer run.

    Raises
    ------
    BadInput
        no such experiment, no finished run in it, none with that metric
    """
    found = client.get_experiment_by_name(experiment)
    if found is None:
        known = ", ".join(sorted(e.name for e in client.search_experiments()))
        raise BadInput(f"experiment={experiment}: no such MLflow experiment (there are {known})")
    runs = client.search_runs([found.experiment_id], _finished(), order_by=["attributes.start_time DESC"])
    if not runs:
        raise BadInput(f"experiment={experiment}: no finished run to register")
    wanted = metric or f"cv/{runs[0].data.tags.get('scoring', 'accuracy')}"
    scored = [run for run in runs if wanted in run.data.metrics]
    if not scored:
        known = ", ".join(sorted(m for m in runs[0].data.metrics if m.startswith(("cv/", "test/"))))
        raise BadInput(f"metric={wanted}: no run of {experiment} has it (there are {known})")
    return max(scored, key=lambda run: run.data.metrics[wanted]), wanted


def register(client: MlflowClient, run: Run, name: str, metric: str) -> Version:
    """Register the model of ``run`` as a version of ``name``; where it is one already, that version.

    Raises
    ------
    BadInput
        a run without a model
    """
    outputs = run.outputs.model_outputs if run.outputs else []
    if not outputs:
        raise BadInput(f"run={run.info.run_id}: this run has logged no model")
    score = run.data.metrics.get(metric, float("nan"))
    for known in client.search_model_versions(f"name = '{name}'"):
        if known.run_id == run.info.run_id:
            return Version(name, str(known.version), run, metric, score)
    with contextlib.suppress(
        MlflowException
    ):  # it is there already, or another registration made it just now
        client.create_registered_model(name)
    tags = {key: run.data.tags[key] for key in COPIED_TAGS if key in run.data.tags}
    bounds = {end: run.data.metrics.get(f"{metric}_{end}") for end in ("low", "high", "std")}
    tags |= {f"score_{end}": repr(value) for end, value in bounds.items() if value is not None}
    leak = tags.get("leak", "none")
    note = run.data.tags.get("mlflow.note.content", "")
    version = client.create_model_version(
        name,
        f"models:/{outputs[-1].model_id}",
        run_id=run.info.run_id,
        model_id=outputs[-1].model_id,
        tags={**tags, "metric": metric, "score": repr(score)},
        description=note
        if leak == "none"
        else f"**LEAK: {leak} holds the answer; the score is not earned.**\n\n{note}",
    )
    return Version(name, str(version.version), run, metric, score)


def run(client: MlflowClient, run_id: str) -> Run:
    """The run ``run_id``. Raises BadInput where there is none."""
    try:
        return client.get_run(run_id)
    except MlflowException:
        raise BadInput(f"run={run_id}: no such run in this store") from None


def _finished() -> str:
    return "attributes.status = 'FINISHED' and tags.`role` = 'model'"
