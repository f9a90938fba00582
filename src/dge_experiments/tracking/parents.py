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

TAGS = ("model", "search", "target", "features", "scoring", "sweep_id", "data_digest", "split_hash", "leak")
STALE_SECONDS = 3600
PAGE = 1000


def table(client: MlflowClient, experiment: str | None, sweep: str | None) -> pd.DataFrame:
    """Parent runs (role ``model``), newest first.

    Columns: ``run_id run_name experiment experiment_id status age_seconds``, the tags of ``TAGS`` (``none`` where a
    run has not got one), ``folds`` (per repeat) and every metric under its own name. ``status`` is ``finished``,
    ``failed``, ``interrupted`` (KILLED, or RUNNING with no trial for an hour: MLflow has no sign of life) or
    ``running``.

    Raises
    ------
    BadInput
        no such experiment, no parent run
    """
    names = {e.experiment_id: e.name for e in client.search_experiments()}
    if experiment is not None and experiment not in names.values():
        known = ", ".join(sorted(names.values()))
        raise BadInput(f"experiment={experiment}: no such MLflow experiment (there are {known})")
    wanted = [key for key, name in names.items() if experiment in (None, name)]
    query = "tags.`role` = 'model'" + (f" and tags.`sweep_id` = '{sweep}'" if sweep else "")
    runs = _all(client, wanted, query)
    if not runs:
        where = f"sweep={sweep}" if sweep else f"experiment={experiment}" if experiment else "this store"
        raise BadInput(f"{where}: no runs to compare; run python -m dge_experiments first")
    now = time.time()
    return pd.DataFrame([_row(client, run, names, now) for run in runs])


def folds(client: MlflowClient, run_id: str) -> pd.DataFrame | None:
    """The chosen model's scores, rows are folds and columns metrics (``cv/folds.csv``); None where there are none."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = client.download_artifacts(run_id, "cv/folds.csv", folder)
            return pd.read_csv(Path(file))
    except (MlflowException, OSError, pd.errors.ParserError):
        return None


def _all(client: MlflowClient, experiments: Sequence[str], query: str) -> list[Run]:
    runs: list[Run] = []
    token: str | None = None
    while token is not None or not runs:
        page = client.search_runs(
            list(experiments),
            query,
            max_results=PAGE,
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        runs += page
        token = page.token
        if not token:
            break
    return runs


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
    query = f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    newest = client.search_runs([run.info.experiment_id], query, 1, 1, ["attributes.start_time DESC"])
    last = max([run.info.start_time, *((child.info.end_time or child.info.start_time) for child in newest)])
    return "running" if now - last / 1000 < STALE_SECONDS else "interrupted"
