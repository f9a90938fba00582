"""The parent runs of a store as rows of leaderboards."""

import io
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput, nearest
from dge_experiments.evaluation.answers import Answers
from dge_experiments.evaluation.run_row import COMPARABLE, RunRow
from dge_experiments.report.metrics import TABLE, numbers
from dge_experiments.settings.flat import is_setting
from dge_experiments.tracking.owner import alive
from dge_experiments.tracking.tags import latest, leak_of

FOLDS = {"cv/": "cv/folds.csv", "honest/cv/": "honest/folds.csv"}
ANSWERS = "test/predictions.csv"
SOFTWARE = ("git_commit",)
STALE_SECONDS = 3600
PAGE = 1000
OF_THE_MACHINE = "system/"  # MLflow's system metrics
READERS = 8  # at the same time; a server answers one request after the other


def runs(client: MlflowClient, experiment: str | None, sweep: str | None) -> list[Run]:
    """Parent runs (role ``model``), newest first.

    Raises
    ------
    BadInput
        no such experiment, no parent run
    """
    names = experiments(client)
    if experiment is not None and experiment not in names.values():
        known = ", ".join(sorted(names.values()))
        near = nearest(experiment, names.values())
        raise BadInput(f"question={experiment}: no such MLflow experiment{near} (there are {known})")
    ids = [key for key, name in names.items() if experiment in (None, name)]
    query = "tags.`role` = 'model'" + (f" and tags.`sweep_id` = '{sweep}'" if sweep else "")
    # no sweep id has a quotation mark, and MLflow would raise
    parents = [] if "'" in (sweep or "") else search(client, ids, query)
    if not parents:
        where = f"sweep={sweep}" if sweep else f"question={experiment}" if experiment else "this store"
        raise BadInput(f"{where}: no runs to compare; run python -m dge_experiments first")
    return parents


def experiments(client: MlflowClient) -> dict[str, str]:
    """Id -> name of every MLflow experiment, however many there are."""
    names: dict[str, str] = {}
    token: str | None = None
    while True:
        page = client.search_experiments(max_results=PAGE, page_token=token)
        names |= {experiment.experiment_id: experiment.name for experiment in page}
        token = page.token
        if not token:
            return names


def finished(client: MlflowClient, runs: Sequence[Run]) -> list[RunRow]:
    """The rows of the runs that finished."""
    names, now = experiments(client), time.time()
    completed = [run for run in runs if run.info.status == "FINISHED"]
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(lambda run: row(client, run, names, now), completed))


def row(client: MlflowClient, run: Run, names: dict[str, str], now: float) -> RunRow:
    """A parent run as a row with all its scores; its fold scores and predictions are read only when needed."""
    info, tags, params = run.info, run.data.tags, latest(run)
    simplicity = params.get("model.simplicity")
    return RunRow(
        run_id=info.run_id,
        run_name=info.run_name,
        model=tags.get("model", "none"),
        scoring=tags.get("scoring", "accuracy"),
        about={name: tags.get(name, "none") for name in COMPARABLE},
        metrics=_scores(client, run),
        leak=leak_of(tags.get("leak", "none")),
        graded=leak_of(tags.get("carries_label", "none")),
        shared=tags["shared_rows"] if "shared_leak" in tags else "",
        settings={key: value for key, value in params.items() if is_setting(key)},
        parameters={
            **{key: value for key, value in params.items() if not is_setting(key)},
            **{key: tags[key] for key in SOFTWARE if key in tags},
        },
        experiment=names.get(info.experiment_id, ""),
        experiment_id=info.experiment_id,
        sweep_id=tags.get("sweep_id", ""),
        title=params.get("model.title", ""),
        simplicity=None if simplicity is None else float(simplicity),
        general=tags.get("general", ""),
        dealt=int(params.get("folds", 0)),
        age_seconds=now - info.start_time / 1000,
        folds=partial(folds, client, info.run_id),
        answers=partial(answers, client, info.run_id),
    )


def unfinished(client: MlflowClient, runs: Sequence[Run]) -> pd.DataFrame:
    """The runs that are not FINISHED: ``run_id run_name experiment status model command age_seconds``.

    ``status`` is ``failed``, ``running`` or ``interrupted`` (KILLED, or RUNNING although its process has ended or it
    had no new trial for an hour).
    """
    names, now = experiments(client), time.time()
    rows = [
        {
            "run_id": run.info.run_id,
            "run_name": run.info.run_name,
            "experiment": names[run.info.experiment_id],
            "status": _status(client, run, now),
            "model": run.data.tags.get("model", "none"),
            "command": run.data.tags.get("command", "none"),
            "age_seconds": now - run.info.start_time / 1000,
        }
        for run in runs
        if run.info.status != "FINISHED"
    ]
    columns = ["run_id", "run_name", "experiment", "status", "model", "command", "age_seconds"]
    return pd.DataFrame(rows, columns=columns)


def folds(client: MlflowClient, run_id: str) -> pd.DataFrame | None:
    """The chosen model's scores: rows are folds, columns ``cv/<metric>`` and ``honest/cv/<metric>``, or None."""
    tables = [(prefix, _read(client, run_id, path)) for prefix, path in FOLDS.items()]
    frames = [frame.add_prefix(prefix) for prefix, frame in tables if frame is not None]
    return pd.concat(frames, axis="columns") if frames else None


def answers(client: MlflowClient, run_id: str) -> Answers | None:
    """The model's predictions for the held-out genes, or None."""
    frame = _read(client, run_id, ANSWERS)
    return None if frame is None else Answers.parse(frame)


def search(client: MlflowClient, experiments: Sequence[str], query: str) -> list[Run]:
    """All runs that match, newest first."""
    runs: list[Run] = []
    token: str | None = None
    while True:
        page = client.search_runs(
            list(experiments), query, 1, PAGE, ["attributes.start_time DESC"], page_token=token
        )
        runs += page
        token = page.token
        if not token:
            return runs


def _scores(client: MlflowClient, run: Run) -> dict[str, float]:
    """All scores of a run: those of its metrics table and its logged metrics."""
    frame: pd.DataFrame | None
    try:
        frame = _table(
            mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{TABLE}")
        )  # saves two requests: for the run, for its artifacts
    except (MlflowException, OSError):
        frame = _read(client, run.info.run_id, TABLE)
    logged = {name: value for name, value in run.data.metrics.items() if not name.startswith(OF_THE_MACHINE)}
    return (numbers(frame) if frame is not None else {}) | logged


def _read(client: MlflowClient, run_id: str, path: str) -> pd.DataFrame | None:
    """A table among a run's artifacts, None if the run has not logged it.

    Raises
    ------
    MlflowException
        the store does not answer
    """
    folder, _, name = path.rpartition("/")
    if not any(Path(file.path).name == name for file in client.list_artifacts(run_id, folder or None)):
        return None
    with tempfile.TemporaryDirectory() as destination:
        file = client.download_artifacts(run_id, path, destination)
        return _table(Path(file).read_text(encoding="utf-8"))


def _table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), float_precision="round_trip", keep_default_na=False)


def _status(client: MlflowClient, run: Run, now: float) -> str:
    status = {"FAILED": "failed", "KILLED": "interrupted"}.get(run.info.status)
    if status:
        return status
    if not alive(run):
        return "interrupted"
    query = f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    newest = client.search_runs([run.info.experiment_id], query, 1, 1, ["attributes.start_time DESC"])
    last = max([run.info.start_time, *((child.info.end_time or child.info.start_time) for child in newest)])
    return "running" if now - last / 1000 < STALE_SECONDS else "interrupted"
