"""The run to register: the best by a metric, or the run that the user named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput, nearest
from dge_experiments.evaluation.key import Key, leading
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.settings.choices import LeakGate
from dge_experiments.tracking import parents

FINISHED = "attributes.status = 'FINISHED' and tags.`role` = 'model'"
SHORTEST_ID = 6


@dataclass(frozen=True)
class Chosen:
    """A finished parent run to be registered.

    Attributes
    ----------
    run : the MLflow run
    row : the scores to register: those of the honest pipeline if ``honest``
    metric : the metric by which it was chosen, in the reading as given
    honest : whether the honest pipeline is registered, fitted without the features ``without``
    without : the features that give the label away, or nearly; empty unless ``honest``
    why : the reason for this run, for the user
    """

    run: Run
    row: RunRow
    metric: Key
    honest: bool
    without: tuple[str, ...]
    why: str


def newest_experiment(client: MlflowClient) -> str:
    """Name of the MLflow experiment with the newest finished parent run.

    Raises
    ------
    BadInput
        no finished run in any experiment
    """
    experiments = parents.experiments(client)
    runs = client.search_runs(
        list(experiments), FINISHED, max_results=1, order_by=["attributes.start_time DESC"]
    )
    if not runs:
        raise BadInput("no finished run to register in this store; run python -m dge_experiments first")
    return experiments[runs[0].info.experiment_id]


def best(client: MlflowClient, experiment: str, metric: str | None, leak: LeakGate) -> Chosen:
    """The finished parent run of ``experiment`` with the best ``metric`` on the newest run's table and split.

    Default metric: ``bbc/<scoring>`` of the newest run if all runs have it, else ``cv/<scoring>``. If a run has label
    sources and ``leak`` is ``honest``, its honest reading is used; with ``refuse`` such runs are left out. Of equal
    scores the newer run is chosen.

    Raises
    ------
    BadInput
        no such experiment, no finished run in it, no run with that metric, or none without label sources (``refuse``)
    """
    names = parents.experiments(client)
    if experiment not in names.values():
        near = nearest(experiment, names.values())
        known = ", ".join(sorted(names.values()))
        raise BadInput(f"question={experiment}: no such MLflow experiment{near} (there are {known})")
    runs = parents.search(client, [key for key, name in names.items() if name == experiment], FINISHED)
    if not runs:
        raise BadInput(f"question={experiment}: no finished run to register")
    rows = parents.finished(client, runs)
    comparable = [row for row in rows if row.comparable == rows[0].comparable]
    clean = [row for row in comparable if not row.unearned]
    if leak == LeakGate.refuse and not clean:
        raise BadInput(
            f"gate.leak=refuse: no score of {experiment} is earned (of the newest run {rows[0].unearned}); "
            "run features=honest split=grouped, or register the honest model with gate.leak=honest"
        )
    candidates = clean if leak == LeakGate.refuse else comparable
    key = _key(metric, candidates, leak)
    scored = [(row, score) for row in candidates if (score := row.score(key)) is not None]
    if not scored:
        raise BadInput(f"metric={key}: no run of {experiment} has it ({_known(rows[0])})")
    chosen = max(scored, key=lambda pair: key.sign * pair[1])[0]
    skipped = len(rows) - len(comparable)
    others = f"; {skipped} on another table, target or split not looked at" if skipped else ""
    unearned = len(comparable) - len(candidates)
    leaky = f"; {unearned} whose score is not earned left out" if unearned else ""
    run = next(run for run in runs if run.info.run_id == chosen.run_id)
    return _chosen(run, chosen, key, f"best of {len(scored)} by {key}{leaky}{others}")


def named(client: MlflowClient, run_id: str, metric: str | None, leak: LeakGate) -> Chosen:
    """The run whose id is, or begins with, ``run_id``; default metric: its ``bbc/<scoring>``, or ``cv/<scoring>``.

    Raises
    ------
    BadInput
        no such run, several that begin with it, not a finished parent run, a run without the metric
    """
    run = finished(client, run_id)
    (row,) = parents.finished(client, [run])
    key = _key(metric, [row], leak)
    if row.score(key) is None:
        raise BadInput(f"metric={key}: run {run_id} does not have it ({_known(row)})")
    return _chosen(run, row, key, "the run that was named")


def finished(client: MlflowClient, run_id: str) -> Run:
    """The finished parent run whose id is, or begins with, ``run_id``.

    Raises
    ------
    BadInput
        no such run, several that begin with it, not a finished parent run
    """
    run = find(client, run_id)
    if (role := run.data.tags.get("role", "none")) != "model":
        parent = run.data.tags.get("mlflow.parentRunId")
        instead = f"; its model is that of run={parent}" if role == "trial" and parent else ""
        raise BadInput(f"run={run_id}: has no model of its own, it is a run of role {role}{instead}")
    if run.info.status != "FINISHED":
        raise BadInput(
            f"run={run_id}: is {run.info.status}, only finished runs have scores and a model to keep"
        )
    return run


def find(client: MlflowClient, run_id: str, key: str = "run") -> Run:
    """The run with this id, or the only parent run whose id begins with it; ``key`` is the setting that gave the id.

    Raises
    ------
    BadInput
        no such run, several that begin with it
    """
    if SHORTEST_ID <= len(run_id) < len("0" * 32):
        runs = parents.search(client, list(parents.experiments(client)), "tags.`role` = 'model'")
        matches = [run for run in runs if run.info.run_id.startswith(run_id)]
        if len(matches) > 1:
            ids = ", ".join(run.info.run_id for run in matches)
            raise BadInput(f"{key}={run_id}: several runs begin so ({ids}); give more of the id")
        if matches:
            return matches[0]
    try:
        return client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise BadInput(f"{key}={run_id}: no such run in this store") from None


def _key(metric: str | None, rows: Sequence[RunRow], leak: LeakGate) -> Key:
    """The metric by which runs are chosen. With ``leak=honest`` and no reading named by the user, it is the honest
    reading if a run has a leak, or has a feature that nearly gives the label away and an honest score."""
    key = Key.parse(metric) if metric else leading(rows[0].scoring, [row.metrics for row in rows])
    honest = key.read("honest")
    leaky = any(row.leak or (row.graded and row.score(honest) is not None) for row in rows)
    return honest if leaky and leak == LeakGate.honest and not key.reading else key


def _chosen(run: Run, row: RunRow, key: Key, why: str) -> Chosen:
    honest = bool(row.withheld) and key.reading == "honest"
    registered = row.as_honest if honest else row
    metric = key.read("") if key.reading == "honest" else key
    return Chosen(
        run, replace(registered, label="this run"), metric, honest, row.withheld if honest else (), why
    )


def _known(row: RunRow) -> str:
    return f"there are {', '.join(row.ranked_by)}"
