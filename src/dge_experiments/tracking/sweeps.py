"""A sweep in MLflow: its leaderboard run, and the links that open its runs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from mlflow import MlflowClient

from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.report.metrics import logged
from dge_experiments.report.records import Record
from dge_experiments.tracking import store, views
from dge_experiments.tracking.runs import ParentRun, parent
from dge_experiments.tracking.tags import LONGEST_NAME

FIT = Key("fit_seconds", "")


def log_leaderboard(
    client: MlflowClient,
    experiment: str,
    sweep_id: str,
    records: Callable[[str], Iterable[Record]],
    ranked: Sequence[str] = (),
    label: str = "",
) -> ParentRun:
    """Write the leaderboard of a sweep as a run of its own (role ``leaderboard``), with ``label``
    in its name if the sweep has several.

    ``records`` is called with the link to its report. Earlier leaderboards of the ``ranked`` runs, or of some of them,
    are deleted, so that a resumed sweep has one.
    """
    tags = {"role": "leaderboard", "sweep_id": sweep_id, "ranked": " ".join(ranked)}
    for earlier in client.search_runs(
        [store.experiment_id(client, experiment)], "tags.`role` = 'leaderboard'"
    ):
        members = set(earlier.data.tags.get("ranked", "").split())
        if members and members <= set(ranked):
            client.delete_run(earlier.info.run_id)
    name = ", ".join(filter(None, [f"leaderboard-{sweep_id}", label]))
    return log_finished(client, experiment, name[:LONGEST_NAME], tags, records)


def log_finished(
    client: MlflowClient,
    experiment: str,
    name: str,
    tags: Mapping[str, str],
    records: Callable[[str], Iterable[Record]],
) -> ParentRun:
    """Write finished results as a separate run; ``records`` is called with the link to its report."""
    with parent(client, experiment, name, tags) as run:
        run.log(records(run.artifact_link("report.html")))
        return run


def sweep_links(
    client: MlflowClient, experiment_id: str, sweep_id: str, metric: Key, known: Collection[str]
) -> views.Links:
    """Links to the sweep's models, best ``metric`` first; ``known`` are the metrics that they have."""
    runs = f"tags.`sweep_id` = '{sweep_id}' and tags.`role` = 'model'"
    return _models(client, experiment_id, sweep_id, f"Leaderboard, sweep {sweep_id}", runs, metric, known)


def board_links(client: MlflowClient, board: Board) -> dict[str, str]:
    """Links to one leaderboard in MLflow's UI, and to the trials of its best run."""
    target, digest, splits = (board.about[name] for name in ("target", "data_digest", "split_hash"))
    runs = (
        f"tags.`role` = 'model' and attributes.status = 'FINISHED' and tags.`target` = '{target}' "
        f"and tags.`data_digest` = '{digest}'"
    )
    if board.seeds == 1:
        runs += f" and tags.`split_hash` = '{splits}'"
    first, metric = board.rows[0], board.metric
    key = f"board-{digest[:8]}-{splits[:8]}-{str(metric).replace('/', '-')}"
    name = f"Leaderboard by {metric}, data {digest[:8]}, split {splits[:8]}"
    known = {name for row in board.rows for name in logged(row.metrics, row.scoring)}
    lines: dict[str, str] = {}
    for number, experiment_id in enumerate(dict.fromkeys(row.experiment_id for row in board.rows)):
        links = _models(client, experiment_id, key, name, runs, metric, known)
        of = f" {number + 1}" if number else ""
        lines |= {f"table{of}": links.table, f"charts{of}": links.charts}
    trials = _trials_key(first.run_id)
    if f"{views.TAG}.{trials}" in client.get_experiment(first.experiment_id).tags:
        links = views.links(first.experiment_id, trials)
        lines |= {"trials": links.table, "parallel": links.charts}
    return lines


def trials_links(run: ParentRun, model: str, parameters: Sequence[str], scoring: str) -> views.Links:
    """Links to the trials of one model, best first, and to the parallel coordinates of the searched parameters."""
    key = Key(scoring)
    metric = str(key)
    charts = [views.parallel(parameters, metric)] if parameters else []
    return views.save(
        run.client,
        run.experiment_id,
        _trials_key(run.run_id),
        f"Trials of {model}, run {run.run_id[:8]}",
        f"tags.`mlflow.parentRunId` = '{run.run_id}'",
        [_metric(key), *(f"params.`{name}`" for name in parameters), _metric(key.at("std")), _metric(FIT)],
        _metric(key),
        [*charts, views.scatter(str(FIT), metric)],
        not key.greater_is_better,
    )


def _models(
    client: MlflowClient,
    experiment_id: str,
    key: str,
    name: str,
    runs: str,
    metric: Key,
    known: Collection[str],
) -> views.Links:
    """A table of models, as given and honest side by side, and charts of cross-validated, test and honest scores."""
    given = metric.read("")
    tuned = given.on_folds
    keys = [metric, given, given.read("honest"), tuned, tuned.read("honest"), tuned.at("std")]
    always = [
        entry.name
        for entry in REGISTRY.values()
        if entry.computed == "always" and entry.needs != "probability"
    ]
    for score in dict.fromkeys((metric.metric, *always)):
        test = Key(score, "test")
        keys += [test, test.read("honest"), test.at("low"), test.at("high"), test.read("baseline")]
    columns = [column for column in dict.fromkeys([*keys, FIT]) if str(column) in known]
    return views.save(
        client,
        experiment_id,
        key,
        name,
        runs,
        [
            *map(_metric, columns[:1]),
            "attributes.`Models`",
            "tags.`features`",
            "tags.`leak`",
            *map(_metric, columns[1:]),
        ],
        _metric(metric),
        list(_charts(metric.metric, known)),
        not metric.greater_is_better,
    )


def _charts(scoring: str, known: Collection[str]) -> Iterable[dict[str, Any]]:
    cv, test = Key(scoring), Key(scoring, "test")
    honest = test.read("honest")
    scores = [str(key) for key in (cv, test, honest) if str(key) in known]
    if {str(cv), str(test)} <= set(scores):
        yield views.bars(*scores)
        yield views.scatter(str(cv), str(test))
    if str(honest) in scores:
        yield views.scatter(str(test), str(honest))
    for score in ("balanced_accuracy", "mcc"):
        on_test = Key(score, "test")
        group = [str(on_test.read(reading)) for reading in ("", "honest", "baseline")]
        if group[0] in known:
            yield views.bars(*(name for name in group if name in known))


def _metric(key: Key) -> str:
    """A metric as the name of a column in MLflow's UI."""
    return f"metrics.`{key}`"


def _trials_key(run_id: str) -> str:
    return f"trials-{run_id}"
