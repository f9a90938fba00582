"""The parent runs of a store as a table, and their scores on the folds."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput
from dge_experiments.tracking.resume import alive

TAGS = (
    "model", "search", "target", "rule", "features", "scoring", "sweep_id", "data_digest", "split_hash", "leak",
    "command",
)  # fmt: skip
FOLDS = {"cv/": "cv/folds.csv", "honest/cv/": "honest/folds.csv"}
STALE_SECONDS = 3600
PAGE = 1000


def table(client: MlflowClient, experiment: str | None, sweep: str | None) -> pd.DataFrame:
    """Parent runs (role ``model``), newest first.

    Columns: ``run_id run_name experiment experiment_id status age_seconds``, the tags of ``TAGS`` (``none`` where a
    run has not got one), ``folds`` (per repeat) and every metric under its own name. ``status`` is ``finished``,
    ``failed``, ``interrupted`` (KILLED, or RUNNING by a process of this host that is gone, or without a trial for an
    hour) or ``running``.

    Raises
    ------
    BadInput
        no such experiment, no parent run
    """
    names = {e.experiment_id: e.name for e in client.search_experiments()}
    if experiment is not None and experiment not in names.values():
        known = ", ".join(sorted(names.values()))
        raise BadInput(f"question={experiment}: no such MLflow experiment (there are {known})")
    wanted = [key for key, name in names.items() if experiment in (None, name)]
    query = "tags.`role` = 'model'" + (f" and tags.`sweep_id` = '{sweep}'" if sweep else "")
    runs = (
        [] if "'" in (sweep or "") else search(client, wanted, query)
    )  # no sweep has one, and MLflow would raise
    if not runs:
        where = f"sweep={sweep}" if sweep else f"question={experiment}" if experiment else "this store"
        raise BadInput(f"{where}: no runs to compare; run python -m dge_experiments first")
    now = time.time()
    return pd.DataFrame([_row(client, run, names, now) for run in runs])


def folds(client: MlflowClient, run_id: str) -> pd.DataFrame | None:
    """The chosen model's scores: rows are folds, columns ``cv/<metric>`` and ``honest/cv/<metric>``, or None."""
    found = [_read(client, run_id, path, prefix) for prefix, path in FOLDS.items()]
    frames = [frame for frame in found if frame is not None]
    return pd.concat(frames, axis="columns") if frames else None


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


def _read(client: MlflowClient, run_id: str, path: str, prefix: str) -> pd.DataFrame | None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            return pd.read_csv(Path(client.download_artifacts(run_id, path, folder))).add_prefix(prefix)
    except (MlflowException, OSError, pd.errors.ParserError):
        return None


def _row(client: MlflowClient, run: Run, names: dict[str, str], now: float) -> dict[str, object]:
    info, data = run.info, run.data
    return {
        "run_id": info.run_id,
        "run_name": info.run_name,
        "experiment": names[info.experiment_id],
        "experiment_id": info.experiment_id,
        "status": _status(client, run, now),
        "age_seconds": now - info.start_time / 1000,
        **{tag: data.tags.get(tag, "none") for tag in TAGS},
        "folds": int(data.params.get("folds", 0)),
        **data.metrics,
    }


def _status(client: MlflowClient, run: Run, now: float) -> str:
    status = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "interrupted"}.get(run.info.status)
    if status:
        return status
    if not alive(run):
        return "interrupted"
    query = f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    newest = client.search_runs([run.info.experiment_id], query, 1, 1, ["attributes.start_time DESC"])
    last = max([run.info.start_time, *((child.info.end_time or child.info.start_time) for child in newest)])
    return "running" if now - last / 1000 < STALE_SECONDS else "interrupted"
