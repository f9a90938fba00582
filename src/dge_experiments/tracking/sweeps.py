"""A sweep in MLflow: its leaderboard run, and the links that open its runs."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from mlflow import MlflowClient

from dge_experiments.evaluation.leaderboard import HONEST, Board, lower_is_better
from dge_experiments.report.records import Record
from dge_experiments.tracking import views
from dge_experiments.tracking.runs import ParentRun, parent

SCORES = ("accuracy", "balanced_accuracy", "mcc", "roc_auc", "average_precision")


def log_leaderboard(
    client: MlflowClient, experiment: str, sweep_id: str, records: Callable[[str], Iterable[Record]]
) -> ParentRun:
    """Write the leaderboard of a sweep as a run of its own (role ``leaderboard``); ``records`` are given the link
    to its report."""
    tags = {"role": "leaderboard", "sweep_id": sweep_id}
    with parent(client, experiment, f"leaderboard-{sweep_id}", tags) as run:
        run.log(records(run.artifact_link("report.html")))
        return run


def sweep_links(
    client: MlflowClient, experiment_id: str, sweep_id: str, metric: str, known: Collection[str]
) -> views.Links:
    """Links to the sweep's models, best ``metric`` first; ``known`` are the metrics that they have."""
    runs = f"tags.`sweep_id` = '{sweep_id}' and tags.`role` = 'model'"
    return _models(client, experiment_id, sweep_id, f"Leaderboard, sweep {sweep_id}", runs, metric, known)


def board_links(client: MlflowClient, board: Board) -> dict[str, str]:
    """Links to one leaderboard in MLflow's UI, and to the trials of its best run."""
    runs = (
        f"tags.`role` = 'model' and attributes.status = 'FINISHED' and tags.`target` = '{board.target}' "
        f"and tags.`data_digest` = '{board.data_digest}' and tags.`split_hash` = '{board.split_hash}'"
    )
    first = board.runs.iloc[0]
    metric = board.metric
    key = f"board-{board.data_digest[:8]}-{board.split_hash[:8]}-{metric.replace('/', '-')}"
    name = f"Leaderboard by {metric}, data {board.data_digest[:8]}, split {board.split_hash[:8]}"
    said: dict[str, str] = {}
    for number, experiment_id in enumerate(board.runs["experiment_id"].unique()):
        links = _models(client, str(experiment_id), key, name, runs, metric, list(map(str, board.runs)))
        of = f" {number + 1}" if number else ""
        said |= {f"table{of}": links.table, f"charts{of}": links.charts}
    trials = _trials_key(str(first["run_id"]))
    if f"{views.TAG}.{trials}" in client.get_experiment(str(first["experiment_id"])).tags:
        links = views.found(str(first["experiment_id"]), trials)
        said |= {"trials": links.table, "parallel": links.charts}
    return said


def trials_links(run: ParentRun, model: str, parameters: Sequence[str], scoring: str) -> views.Links:
    """Links to the trials of one model, best first, and to the parallel coordinates of what was searched."""
    metric = f"cv/{scoring}"
    columns = [*(f"params.`{name}`" for name in parameters), metric, f"{metric}_std", "fit_seconds"]
    charts = [views.parallel(parameters, metric)] if parameters else []
    return views.save(
        run.client,
        run.experiment_id,
        _trials_key(run.run_id),
        f"Trials of {model}, run {run.run_id[:8]}",
        f"tags.`mlflow.parentRunId` = '{run.run_id}'",
        [name if "`" in name else f"metrics.`{name}`" for name in columns],
        f"metrics.`{metric}`",
        [*charts, views.scatter("fit_seconds", metric)],
        lower_is_better(metric),
    )


def _models(
    client: MlflowClient,
    experiment_id: str,
    key: str,
    name: str,
    runs: str,
    metric: str,
    known: Collection[str],
) -> views.Links:
    """A table of models, as given and honest side by side, and charts of cross-validated, test and honest scores."""
    scoring = metric.rpartition("/")[2]
    shown = [metric, f"{HONEST}{metric}", f"{metric}_std"]
    for score in dict.fromkeys((scoring, *SCORES)):
        test = f"test/{score}"
        shown += [test, f"{HONEST}{test}", f"{test}_low", f"{test}_high", f"baseline/{test}"]
    shown.append("fit_seconds")
    metrics = [f"metrics.`{each}`" for each in dict.fromkeys(shown) if each in known]
    return views.save(
        client,
        experiment_id,
        key,
        name,
        runs,
        ["attributes.`Models`", "tags.`features`", "tags.`leak`", *metrics],
        f"metrics.`{metric}`",
        list(_charts(scoring, known)),
        lower_is_better(metric),
    )


def _charts(scoring: str, known: Collection[str]) -> Iterable[dict[str, Any]]:
    cv, test, honest = f"cv/{scoring}", f"test/{scoring}", f"{HONEST}test/{scoring}"
    if {cv, test} <= set(known):
        yield views.bars(*(each for each in (cv, test, honest) if each in known))
        yield views.scatter(cv, test)
    if honest in known:
        yield views.scatter(test, honest)
    for score in ("balanced_accuracy", "mcc"):
        group = (f"test/{score}", f"{HONEST}test/{score}", f"baseline/test/{score}")
        if group[0] in known:
            yield views.bars(*(each for each in group if each in known))


def _trials_key(run_id: str) -> str:
    return f"trials-{run_id}"
