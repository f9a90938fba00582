"""Open and end runs: new ones, those that ``mlflow run`` created, and resumed ones."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Run

from dge_experiments.errors import BadInput
from dge_experiments.tracking import launched
from dge_experiments.tracking.journal import FAULTS, answers, once, outage
from dge_experiments.tracking.owner import heartbeat, process_tags
from dge_experiments.tracking.parent_run import ParentRun, TakenOver
from dge_experiments.tracking.server import ASK_SECONDS, wait
from dge_experiments.tracking.store import experiment_id, explain, refusal

__all__ = ["ParentRun", "TakenOver", "parent"]

T = TypeVar("T")
CHILD_TAGS = ("mlflow.user", "mlflow.source.name", "mlflow.source.type", "mlflow.source.git.commit")


@contextmanager
def parent(
    client: MlflowClient,
    experiment: str,
    name: str,
    tags: Mapping[str, str],
    folder: Path = Path("outputs"),
    patience: float = 600.0,
    adopt: bool = True,
    *,
    own_tags: Mapping[str, str] | None = None,
    resumed: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Iterator[ParentRun]:
    """Open a parent run in ``experiment``.

    If ``mlflow run`` created a run, that run becomes the parent; not with ``adopt=False``, because in a sweep it
    becomes the leaderboard. A run that ``mlflow run`` created in the experiment Default, because none was named, only
    gets a link to the parent.

    ``tags`` are copied to its children, ``own_tags`` are not; ``defaults`` are parameters of every child;
    ``resumed`` is the id of a run to continue. What the store does not accept within ``patience`` seconds waits in
    ``folder``. The run ends as FINISHED, as FAILED after an error, and as KILLED after Ctrl-C or SIGTERM; its
    children do not change.

    Raises
    ------
    BadInput
        the run that ``mlflow run`` created is in an experiment whose artifacts only a server can write
    """
    launched_id = os.environ.pop("MLFLOW_RUN_ID", None)  # else MLflow uses it for every new run
    adoptable = launched_id if adopt and not resumed else None
    in_default = _patiently(lambda retry: launched.in_default(client, adoptable), patience)
    run_id = resumed or (None if in_default else adoptable)
    own_tags = {**tags, **(own_tags or {}), **process_tags(), **launched.project(in_default)}

    def adopted(retry: bool) -> Run:
        launched.takes_artifacts(client.get_run(str(run_id)))
        run: Run = mlflow.active_run() or mlflow.start_run(run_id=run_id)
        mlflow.set_tags({**own_tags, "mlflow.runName": name})
        return run

    def created(retry: bool) -> Run:
        mlflow_experiment_id = experiment_id(client, experiment)
        if retry and (matches := client.search_runs([mlflow_experiment_id], query)):
            return mlflow.start_run(run_id=matches[0].info.run_id)
        with once():
            return mlflow.start_run(experiment_id=mlflow_experiment_id, run_name=name, tags=own_tags)

    query = (
        f"tags.pid = '{own_tags['pid']}' and tags.host = '{own_tags['host']}' and attributes.start_time >= "
    )
    query += str(int(time.time() * 1000))
    run = _patiently(adopted if run_id else created, patience)
    if launched_id and not run_id:
        os.environ["MLFLOW_RUN_ID"] = launched_id
    explain(client, run.info.experiment_id)
    if in_default:
        launched.point(client, in_default, run)
    inherited = {key: run.data.tags[key] for key in CHILD_TAGS if key in run.data.tags}
    opened = ParentRun(
        client, run.info.run_id, run.info.experiment_id, {**inherited, **tags}, folder=folder, patience=patience,
        resumed=bool(resumed), writer=own_tags["writer"], defaults=defaults or {},
    )  # fmt: skip
    try:
        with heartbeat(client, opened.run_id):
            yield opened
    except TakenOver:
        mlflow.end_run(client.get_run(opened.run_id).info.status)  # its new owner decides its status
        raise
    except (KeyboardInterrupt, SystemExit):
        opened.end("KILLED")
        raise
    except BaseException:
        opened.end("FAILED")
        raise
    opened.end("FINISHED")


def _patiently(step: Callable[[bool], T], patience: float) -> T:
    """Call ``step(False)``; after an outage of the store, which ends within ``patience``, retry with ``step(True)``."""
    limit, retry = time.monotonic() + patience, False
    while True:
        try:
            return step(retry)
        except FAULTS as error:
            remaining = limit - time.monotonic()
            if not outage(error):
                raise
            if remaining <= 0 or not wait(answers, remaining):
                raise BadInput(refusal(error)) from None
            retry = True
            time.sleep(min(ASK_SECONDS, remaining))
