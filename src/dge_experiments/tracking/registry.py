"""The model registry: the best run's model becomes a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.gates import HONEST, lower_is_better, score
from dge_experiments.evaluation.run_row import COMPARABLE
from dge_experiments.tracking import parents

COPIED_TAGS = ("model", "features", *COMPARABLE, "leak", "git_commit", "sweep_id")
FINISHED = "attributes.status = 'FINISHED' and tags.`role` = 'model'"


@dataclass(frozen=True)
class Chosen:
    """A finished parent run, the metric it is judged by, and why it is this one."""

    run: Run
    metric: str
    why: str

    @property
    def score(self) -> float | None:
        """Its ``metric``, None where it has none."""
        return score(self.run.data.metrics, self.run.data.tags.get("leak", "none"), self.metric)


@dataclass(frozen=True)
class Version:
    """A version of the registered model ``name``, and the run it came from."""

    name: str
    version: str
    chosen: Chosen


def newest_experiment(client: MlflowClient) -> str:
    """Name of the MLflow experiment with the newest finished parent run.

    Raises
    ------
    BadInput
        no finished run in any experiment
    """
    experiments = {e.experiment_id: e.name for e in client.search_experiments()}
    runs = client.search_runs(
        list(experiments), FINISHED, max_results=1, order_by=["attributes.start_time DESC"]
    )
    if not runs:
        raise BadInput("no finished run to register in this store; run python -m dge_experiments first")
    return str(experiments[runs[0].info.experiment_id])


def best(client: MlflowClient, experiment: str, metric: str | None) -> Chosen:
    """The finished parent run of ``experiment`` with the best ``metric`` on the newest run's table and split.

    Default metric: ``cv/<scoring>`` of the newest run. Equal scores: the newer run.

    Raises
    ------
    BadInput
        no such experiment, no finished run in it, none with that metric
    """
    found = client.get_experiment_by_name(experiment)
    if found is None:
        known = ", ".join(sorted(e.name for e in client.search_experiments()))
        raise BadInput(f"question={experiment}: no such MLflow experiment (there are {known})")
    runs = parents.search(client, [found.experiment_id], FINISHED)
    if not runs:
        raise BadInput(f"question={experiment}: no finished run to register")
    here = [run for run in runs if _about(run) == _about(runs[0])]
    each = [_chosen(run, metric or _scoring(runs[0])) for run in here]
    scored = [(one.score, one) for one in each if one.score is not None]
    if not scored:
        known = ", ".join(sorted(m for m in runs[0].data.metrics if m.startswith(("cv/", "test/", HONEST))))
        raise BadInput(f"metric={each[0].metric}: no run of {experiment} has it (there are {known})")
    sign = -1 if lower_is_better(each[0].metric) else 1
    chosen = max(scored, key=lambda pair: sign * pair[0])[1]
    apart = len(runs) - len(here)
    others = f"; {apart} on another table, target or split not looked at" if apart else ""
    return Chosen(chosen.run, chosen.metric, f"best of {len(scored)} by {chosen.metric}{others}")


def named(client: MlflowClient, run_id: str, metric: str | None) -> Chosen:
    """The run ``run_id``; default metric: its ``cv/<scoring>``.

    Raises
    ------
    BadInput
        no such run, not a finished parent run, one without the metric
    """
    try:
        run = client.get_run(run_id)
    except MlflowException:
        raise BadInput(f"run={run_id}: no such run in this store") from None
    if (role := run.data.tags.get("role", "none")) != "model":
        whole = run.data.tags.get("mlflow.parentRunId")
        instead = f"; its model is that of run={whole}" if role == "trial" and whole else ""
        raise BadInput(f"run={run_id}: has no model of its own, it is a run of role {role}{instead}")
    if run.info.status != "FINISHED":
        raise BadInput(f"run={run_id}: is {run.info.status}, only finished runs can be registered")
    chosen = _chosen(run, metric or _scoring(run))
    if chosen.score is None:
        known = ", ".join(sorted(m for m in run.data.metrics if m.startswith(("cv/", "test/", HONEST))))
        raise BadInput(f"metric={chosen.metric}: run {run_id} has not got it (there are {known})")
    return chosen


def register(client: MlflowClient, chosen: Chosen, name: str) -> Version:
    """Register the model of a run as a version of ``name``; where it is one already, that version.

    Raises
    ------
    BadInput
        a run without a model
    """
    run = chosen.run
    outputs = run.outputs.model_outputs if run.outputs else []
    if not outputs:
        raise BadInput(f"run={run.info.run_id}: this run has logged no model")
    for known in client.search_model_versions(f"run_id = '{run.info.run_id}'"):
        if known.name == name:
            return Version(name, str(known.version), chosen)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    leak = run.data.tags.get("leak", "none")
    note = run.data.tags.get("mlflow.note.content", "")
    version = client.create_model_version(
        name,
        f"models:/{outputs[-1].model_id}",
        run_id=run.info.run_id,
        model_id=outputs[-1].model_id,
        tags=_tags(chosen),
        description=note
        if leak == "none"
        else f"**LEAK: {leak} {'hold' if ',' in leak else 'holds'} the answer; the score is not earned.**\n\n{note}",
    )
    return Version(name, str(version.version), chosen)


def scores(chosen: Chosen) -> dict[str, str]:
    """A run's score by its metric, on the held-out genes and without label sources, as text with intervals."""
    values, scored = chosen.run.data.metrics, chosen.metric.rpartition("/")[2]
    own = chosen.metric if chosen.metric in values else chosen.metric.removeprefix(HONEST)
    names = {"score": own, "held out": f"test/{scored}", "honest": f"{HONEST}test/{scored}"}
    said = {title: f"{name} {_interval(values, name)}" for title, name in names.items() if name in values}
    if (constant := values.get(f"baseline/test/{scored}")) is not None and "held out" in said:
        said["held out"] += f", constant answer {constant:.4f}"
    return said


def _interval(values: Mapping[str, float], metric: str) -> str:
    """A score with its 95 % interval, or its standard deviation over the folds."""
    low, high, spread = (values.get(f"{metric}_{end}") for end in ("low", "high", "std"))
    if low is not None and high is not None:
        return f"{values[metric]:.4f} [{low:.4f}, {high:.4f}]"
    return f"{values[metric]:.4f}" + (f" ± {spread:.4f}" if spread is not None else "")


def _tags(chosen: Chosen) -> dict[str, str]:
    """What a version says of itself: what it was trained on, and its score with interval, as given and honest."""
    tags, values = chosen.run.data.tags, chosen.run.data.metrics
    bounds = {end: values.get(f"{chosen.metric}_{end}") for end in ("low", "high", "std")}
    return {
        **{key: tags[key] for key in COPIED_TAGS if key in tags},
        "metric": chosen.metric,
        "score": repr(chosen.score),
        **{f"score_{end}": repr(value) for end, value in bounds.items() if value is not None},
        **{title.replace(" ", "_"): said for title, said in scores(chosen).items() if title != "score"},
    }


def _chosen(run: Run, metric: str) -> Chosen:
    return Chosen(run, metric, "the run that was named")


def _scoring(run: Run) -> str:
    return f"cv/{run.data.tags.get('scoring', 'accuracy')}"


def _about(run: Run) -> tuple[str, ...]:
    return tuple(run.data.tags.get(key, "none") for key in COMPARABLE)
