"""Find runs that ended early, distinguish them from running ones, and read them back."""

import json
import tempfile
from pathlib import Path
from typing import Any

import mlflow
import numpy.typing as npt
from mlflow import MlflowClient
from mlflow.entities import Run

from dge_experiments.errors import BadInput
from dge_experiments.search.recall import Recorded, unpacked
from dge_experiments.tracking import chosen
from dge_experiments.tracking.journal import ANSWERS
from dge_experiments.tracking.owner import alive

CHUNK = 7500  # MLflow cuts a tag at 8,000 characters


def close_stale(client: MlflowClient) -> list[Run]:
    """Set parents that are RUNNING although their process has ended to KILLED, and return them."""
    query = "attributes.status = 'RUNNING' and tags.`role` = 'model'"
    ids = [experiment.experiment_id for experiment in client.search_experiments()]
    stale = [run for run in client.search_runs(ids, query) if not alive(run)] if ids else []
    for run in stale:
        client.set_terminated(run.info.run_id, "KILLED")
    return stale


def find(
    client: MlflowClient, experiment: str, resume: bool | str, config_hash: str, *, needed: bool = True
) -> Run | None:
    """The parent to continue: the run whose id is, or begins with, ``resume``, or for True the newest one with this
    configuration.

    An unfinished run is preferred; a finished one is extended if more trials are requested. If there is none and
    ``needed`` is false (a sweep that stopped before this model's turn), returns None.

    Raises
    ------
    BadInput
        no such run, a run of another configuration, a run whose process is still running
    """
    if isinstance(resume, str):
        run = _named(client, resume)
        if run.data.tags.get("config_hash") != config_hash:
            command = run.data.tags.get("command")
            hint = f"; it was started with {command}" if command else ""
            raise BadInput(f"resume={resume}: that run has another configuration{hint}")
        if alive(run):
            process = f"process {run.data.tags.get('pid')} of {run.data.tags.get('host')}"
            raise BadInput(f"resume={resume}: {process} is still at work on that run; stop it first")
        return run
    existing = client.get_experiment_by_name(experiment)
    query = f"tags.`config_hash` = '{config_hash}' and tags.`role` = 'model'"
    order = ["attributes.start_time DESC"]
    runs = client.search_runs([existing.experiment_id], query, order_by=order) if existing else []
    idle = [run for run in runs if not alive(run)]
    if not runs and not needed:
        return None
    if not idle:
        busy = f"; {runs[0].info.run_id} is still running" if runs else ""
        raise BadInput(
            f"resume=true: no unfinished run of this configuration in {experiment}{busy}; leave resume out to start one"
        )
    return next((run for run in idle if run.info.status != "FINISHED"), idle[0])


def known(client: MlflowClient, parent: Run) -> int:
    """How many complete trials a parent has; changes nothing."""
    return sum(map(_complete, _children(client, parent)))


def recorded(client: MlflowClient, parent: Run) -> dict[int, Recorded]:
    """Finished, failed and raced-out trials of a parent by number.

    Incomplete children are deleted, and their trials run again; so are duplicates of a trial.
    """
    trials: dict[int, Recorded] = {}
    for child in _children(client, parent):
        number = int(child.data.tags["trial"])
        if _complete(child) and number not in trials:
            trials[number] = _read(client, child)
        else:
            client.delete_run(child.info.run_id)
    return trials


def _children(client: MlflowClient, parent: Run) -> list[Run]:
    query = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}' and tags.`role` = 'trial'"
    children: list[Run] = []
    page = None
    while True:
        order = ["attributes.start_time ASC"]
        batch = client.search_runs([parent.info.experiment_id], query, 1, 500, order, page_token=page)
        children += batch
        page = batch.token
        if not page:
            return children


def _complete(child: Run) -> bool:
    """Whether a child run holds its whole trial: its status is written last."""
    ended = child.info.status in ("FINISHED", "FAILED") or "raced_out" in child.data.tags
    return child.info.status != "RUNNING" and ended and "fit_seconds" in child.data.metrics


def in_tags(name: str, text: str) -> dict[str, str]:
    """A long text as tags ``name``, ``name.1``, ..., none so long that MLflow cuts it."""
    parts = [text[i : i + CHUNK] for i in range(0, len(text), CHUNK)]
    return {name if i == 0 else f"{name}.{i}": part for i, part in enumerate(parts)}


def _read(client: MlflowClient, child: Run) -> Recorded:
    tags, failed = child.data.tags, child.info.status == "FAILED"
    text, i = tags.get("folds", "[]"), 1
    while f"folds.{i}" in tags:
        text, i = text + tags[f"folds.{i}"], i + 1
    return Recorded(
        parameters=dict(child.data.params),
        folds=tuple(json.loads(text)),
        fit_seconds=child.data.metrics["fit_seconds"],
        error=mlflow.artifacts.load_text(f"{child.info.artifact_uri}/traceback.txt") if failed else None,
        warnings=tuple(json.loads(tags.get("warnings", "[]"))),
        raced_out="raced_out" in tags,
        answers=answers(client, child.info.run_id) if child.info.status == "FINISHED" else (),
    )


def answers(client: MlflowClient, run_id: str) -> tuple[npt.NDArray[Any], ...]:
    """The predictions that a trial logged; empty for a trial of an earlier version."""
    if not any(file.path == ANSWERS for file in client.list_artifacts(run_id)):
        return ()
    with tempfile.TemporaryDirectory() as folder:
        return unpacked(Path(client.download_artifacts(run_id, ANSWERS, folder)).read_bytes())


def _named(client: MlflowClient, run_id: str) -> Run:
    run = chosen.find(client, run_id, "resume")
    if run.data.tags.get("role") == "trial":
        parent = run.data.tags["mlflow.parentRunId"]
        raise BadInput(f"resume={run_id}: that is a trial; its search is resume={parent}")
    return run
