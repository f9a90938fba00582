"""A sweep in MLflow: its leaderboard run, and the links that open its runs."""

from collections.abc import Callable, Iterable, Sequence

from mlflow import MlflowClient

from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.tracking import views
from dge_experiments.tracking.records import Record
from dge_experiments.tracking.runs import ParentRun, parent

LEADERBOARD = (
    "test/accuracy",
    "baseline/test/accuracy",
    "test/balanced_accuracy",
    "test/mcc",
    "test/roc_auc",
    "test/average_precision",
)


def log_leaderboard(
    client: MlflowClient, experiment: str, sweep_id: str, records: Callable[[str], Iterable[Record]]
) -> ParentRun:
    """Write the leaderboard of a sweep as a run of its own (role ``leaderboard``); ``records`` are given the link
    to its report."""
    tags = {"role": "leaderboard", "sweep_id": sweep_id}
    with parent(client, experiment, f"leaderboard-{sweep_id}", tags) as run:
        run.log(records(run.artifact_link("report.html")))
        return run


def table_link(client: MlflowClient, experiment_id: str, sweep_id: str, scoring: str) -> str:
    """Link to the sweep's models in MLflow's UI, best cross-validated score first."""
    order = f"metrics.`cv/{scoring}`"
    columns = [
        "tags.`model`",
        "tags.`leak`",
        order,
        f"metrics.`cv/{scoring}_std`",
        *(f"metrics.`{metric}`" for metric in LEADERBOARD),
        "attributes.`Models`",
    ]
    return views.table(
        client, experiment_id, sweep_id, f"Leaderboard {sweep_id}", _models(sweep_id), columns, order
    )


def chart_link(client: MlflowClient, experiment_id: str, sweep_id: str, scoring: str) -> str:
    """Link to bar charts of the sweep's models: cross-validated beside test scores, and test beside baseline."""
    groups = [
        (f"cv/{scoring}", f"test/{scoring}"),
        ("test/accuracy", "baseline/test/accuracy"),
        ("test/balanced_accuracy", "baseline/test/balanced_accuracy"),
        ("test/mcc",),
    ]
    key = f"{sweep_id}-charts"
    return views.charts(client, experiment_id, key, f"Charts {sweep_id}", _models(sweep_id), groups)


def trials_link(run: ParentRun, parameters: Sequence[str], scoring: str) -> str:
    """Link to the trials of one model, best first."""
    order = f"metrics.`cv/{scoring}`"
    columns = [
        *(f"params.`{name}`" for name in parameters),
        order,
        f"metrics.`cv/{scoring}_std`",
        "metrics.`fit_seconds`",
    ]
    runs = f"tags.`mlflow.parentRunId` = '{run.run_id}'"
    return views.table(
        run.client,
        run.experiment_id,
        f"trials-{run.run_id}",
        f"Trials {run.run_id[:8]}",
        runs,
        columns,
        order,
    )


def board_links(client: MlflowClient, board: Board) -> dict[str, str]:
    """Links to one leaderboard in MLflow's UI: its table, and its charts."""
    experiment_id, metric = str(board.runs["experiment_id"].iloc[0]), board.metric
    scoring = metric.rpartition("/")[2]
    runs = (
        f"tags.`role` = 'model' and attributes.status = 'FINISHED' and tags.`target` = '{board.target}' "
        f"and tags.`data_digest` = '{board.data_digest}' and tags.`split_hash` = '{board.split_hash}'"
    )
    key = f"board-{board.data_digest[:8]}-{board.split_hash[:8]}-{metric.replace('/', '-')}"
    shown = ["tags.`model`", "tags.`features`", "tags.`leak`", f"metrics.`{metric}`"]
    for name in dict.fromkeys((f"test/{scoring}", *LEADERBOARD)):
        shown += [
            f"metrics.`{m}`"
            for m in (name, f"{name}_low", f"{name}_high", f"honest/{name}")
            if m in board.runs
        ]
    name = f"Board {board.data_digest[:8]} {board.split_hash[:8]} {metric}"
    groups = [
        tuple(m for m in (f"cv/{scoring}", f"test/{scoring}", f"honest/test/{scoring}") if m in board.runs),
        tuple(m for m in (f"test/{scoring}", f"baseline/test/{scoring}") if m in board.runs),
    ]
    order = f"metrics.`{metric}`"
    links = {"table": views.table(client, experiment_id, key, name, runs, list(dict.fromkeys(shown)), order)}
    drawn = [group for group in groups if group]
    if drawn:
        links["charts"] = views.charts(client, experiment_id, f"{key}-charts", f"{name} charts", runs, drawn)
    return links


def _models(sweep_id: str) -> str:
    return f"tags.`sweep_id` = '{sweep_id}' and tags.`role` = 'model'"
