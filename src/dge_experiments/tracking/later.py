"""Send what waits on disk: trials first, then the parent's records, then its status."""

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
    """The output folders under ``folder`` with something to send. Raises BadInput if there are none."""
    outputs = sorted({file.parent.parent for file in folder.rglob(f"{spill.FOLDER}/{spill.ABOUT}")})
    if not outputs:
        raise BadInput(f"{folder}: nothing waits there to be sent")
    return outputs


def about(folder: Path) -> dict[str, str]:
    """The run that ``folder`` belongs to: ``uri run_id experiment_id status``."""
    return dict(json.loads((folder / spill.FOLDER / spill.ABOUT).read_text(encoding="utf-8")))


def send(client: MlflowClient, folder: Path) -> Iterator[str]:
    """Send what waits in ``folder``; yields lines for the user. Sent files are removed, so a second call continues.

    Raises
    ------
    BadInput
        the store stopped answering, or the run's process is still running
    """
    saved = about(folder)
    run = client.get_run(saved["run_id"])
    if run.data.tags.get("writer") != saved.get("writer", run.data.tags.get("writer")):
        (folder / journal.FILE).unlink(missing_ok=True)
        spill.drop(folder)
        yield f"run {saved['run_id']} was resumed by another start, which has these results; nothing was sent"
        return
    if alive(run) and "closed" not in saved:
        raise BadInput(
            f"{folder}: process {run.data.tags['pid']} is still at work on this run; stop it first"
        )
    pending = journal.load(client, folder / journal.FILE)
    trials = len(pending.waiting)
    if not pending.drain():
        raise BadInput(
            f"{saved['uri']}: went away again, {len(pending.waiting)} trials still wait; run sync again"
        )
    yield f"{trials} trials sent"
    parent = ParentRun(client, saved["run_id"], saved["experiment_id"], {}, folder=folder, patience=PATIENCE)
    sent = 0
    try:
        with mlflow.start_run(run_id=saved["run_id"]):
            for file, record in spill.read(folder):
                if not parent.send(record, retry=True):
                    raise BadInput(f"{saved['uri']}: went away again ({parent.fault}); run sync again")
                spill.remove(file)
                sent += 1
        client.set_terminated(saved["run_id"], saved["status"])
    except journal.FAULTS as error:
        if not journal.outage(error):
            raise
        raise BadInput(f"{saved['uri']}: went away again ({journal.reason(error)}); run sync again") from None
    spill.clear(folder)
    yield f"{sent} records sent, run {saved['run_id']} is {saved['status']}"
