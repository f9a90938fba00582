"""What waited on disk is sent: trials first, then the parent's records, then its status."""

import json
from collections.abc import Iterator
from pathlib import Path

import mlflow
from mlflow import MlflowClient

from dge_experiments.errors import BadInput
from dge_experiments.tracking import journal, spill
from dge_experiments.tracking.owner import alive
from dge_experiments.tracking.runs import ParentRun

PATIENCE = 30.0  # seconds; sync can be called again


def folders(folder: Path) -> list[Path]:
    """The output folders under ``folder`` in which something waits. Raises BadInput where there is none."""
    found = sorted({file.parent.parent for file in folder.rglob(f"{spill.FOLDER}/{spill.ABOUT}")})
    if not found:
        raise BadInput(f"{folder}: nothing waits there to be sent")
    return found


def about(folder: Path) -> dict[str, str]:
    """The run that ``folder`` belongs to: ``uri run_id experiment_id status``."""
    return dict(json.loads((folder / spill.FOLDER / spill.ABOUT).read_text(encoding="utf-8")))


def send(client: MlflowClient, folder: Path) -> Iterator[str]:
    """Send what waits in ``folder``, and say so; what was sent is removed, so that it can be called again.

    Raises
    ------
    BadInput
        the store went away again
    """
    run = about(folder)
    now = client.get_run(run["run_id"])
    if now.data.tags.get("writer") != run.get("writer", now.data.tags.get("writer")):
        (folder / journal.FILE).unlink(missing_ok=True)
        spill.drop(folder)
        yield f"run {run['run_id']} was resumed by another start, which has these results; nothing was sent"
        return
    if alive(now) and "closed" not in run:
        raise BadInput(
            f"{folder}: process {now.data.tags['pid']} is still at work on this run; stop it first"
        )
    waiting = journal.load(client, folder / journal.FILE)
    count = len(waiting.waiting)
    if not waiting.drain():
        raise BadInput(
            f"{run['uri']}: went away again, {len(waiting.waiting)} trials still wait; run sync again"
        )
    yield f"{count} trials sent"
    parent = ParentRun(client, run["run_id"], run["experiment_id"], {}, folder=folder, patience=PATIENCE)
    sent = 0
    try:
        with mlflow.start_run(run_id=run["run_id"]):
            for file, record in spill.read(folder):
                if not parent.send(record, again=True):
                    raise BadInput(f"{run['uri']}: went away again ({parent.fault}); run sync again")
                spill.remove(file)
                sent += 1
        client.set_terminated(run["run_id"], run["status"])
    except journal.FAULTS as error:
        if not journal.outage(error):
            raise
        raise BadInput(f"{run['uri']}: went away again ({journal.reason(error)}); run sync again") from None
    spill.clear(folder)
    yield f"{sent} records sent, run {run['run_id']} is {run['status']}"
