"""Runs are opened and ended: new ones, those that ``mlflow run`` made, and those that are resumed."""

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
    """Open a parent run in ``experiment``; the run that ``mlflow run`` made is taken where there is one
    (not with ``adopt=False``: the models of a sweep leave it to the leaderboard). One that it made in the experiment
    Default, because nobody named another, only points to the parent.

    ``tags`` are copied to its children, ``own_tags`` are not; ``defaults`` are parameters of every child;
    ``resumed`` is a run to continue with. What the store
    does not take within ``patience`` seconds waits in ``folder``. It ends FINISHED, as FAILED after an error, and
    as KILLED after Ctrl-C or SIGTERM; children stay as they are.

    Raises
    ------
    BadInput
        the run that is given lies where only a server writes
    """
    made = os.environ.pop("MLFLOW_RUN_ID", None)  # else MLflow takes it for any run that is started
    adoptable = made if adopt and not resumed else None
    elsewhere = _patiently(lambda again: launched.in_default(client, adoptable), patience)
    given = resumed or (None if elsewhere else adoptable)
    own_tags = {**tags, **(own_tags or {}), **process_tags(), **launched.project(elsewhere)}

    def adopted(again: bool) -> Run:
        launched.takes_artifacts(client.get_run(str(given)))
        run: Run = mlflow.active_run() or mlflow.start_run(run_id=given)
        mlflow.set_tags({**own_tags, "mlflow.runName": name})
        return run

    def created(again: bool) -> Run:
        where = experiment_id(client, experiment)
        if again and (found := client.search_runs([where], query)):
            return mlflow.start_run(run_id=found[0].info.run_id)
        with once():
            return mlflow.start_run(experiment_id=where, run_name=name, tags=own_tags)

    query = (
        f"tags.pid = '{own_tags['pid']}' and tags.host = '{own_tags['host']}' and attributes.start_time >= "
    )
    query += str(int(time.time() * 1000))
    run = _patiently(adopted if given else created, patience)
    if made and not given:
        os.environ["MLFLOW_RUN_ID"] = made
    explain(client, run.info.experiment_id)
    if elsewhere:
        launched.point(client, elsewhere, run)
    passed_on = {key: run.data.tags[key] for key in CHILD_TAGS if key in run.data.tags}
    opened = ParentRun(
        client, run.info.run_id, run.info.experiment_id, {**passed_on, **tags}, folder=folder, patience=patience,
        again=bool(resumed), writer=own_tags["writer"], defaults=defaults or {},
    )  # fmt: skip
    try:
        with heartbeat(client, opened.run_id):
            yield opened
    except TakenOver:
        mlflow.end_run(client.get_run(opened.run_id).info.status)  # its new owner says how it ends
        raise
    except (KeyboardInterrupt, SystemExit):
        opened.end("KILLED")
        raise
    except BaseException:
        opened.end("FAILED")
        raise
    opened.end("FINISHED")


def _patiently(step: Callable[[bool], T], patience: float) -> T:
    """Open a run, again (``step(True)``) where the store went away meanwhile and came back within ``patience``."""
    limit, again = time.monotonic() + patience, False
    while True:
        try:
            return step(again)
        except FAULTS as error:
            left = limit - time.monotonic()
            if not outage(error):
                raise
            if left <= 0 or not wait(answers, left):
                raise BadInput(refusal(error)) from None
            again = True
            time.sleep(min(ASK_SECONDS, left))
