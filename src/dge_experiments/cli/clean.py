"""``dge-experiments clean``: list runs that failed or were interrupted, and delete them on request."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from dge_experiments.cli.folder import start
from dge_experiments.errors import BadInput

DELETE = "delete=true"
USAGE = f"python -m dge_experiments clean [FOLDER] [{DELETE}]   (the store's folder; default: this one)"


def main() -> None:
    """List the runs that failed or were interrupted; with ``delete=true`` delete them, their trials and models."""
    delete = DELETE in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != DELETE]
    start(partial(clean, delete=delete), USAGE, Path())


def clean(folder: Path, *, delete: bool) -> Iterator[tuple[str, str]]:
    """One line for each run, then the next commands."""
    from dge_experiments.report.leaderboard import age
    from dge_experiments.tracking import store, unfinished

    client = store.connect(_uri(folder))
    runs = unfinished.runs(client)
    for run in runs.to_dict("records"):
        if delete:
            unfinished.delete(client, run["run_id"])
        details = f"{run['status']} {age(run['age_seconds'])} ago, trials: {run['trials']}"
        yield (
            "deleted" if delete else "found",
            f"{run['run_id']} {run['run_name']} of {run['experiment']}, {details}",
        )
    if runs.empty:
        yield "nothing", "no run failed or was interrupted"
    elif delete:
        yield "restore", "mlflow runs restore --run-id RUN"
        yield "for good", unfinished.for_good()
    else:
        yield "resume", "the same command with resume=RUN"
        yield "delete", f"python -m dge_experiments clean {DELETE}"


def _uri(folder: Path) -> str | None:
    """The address of the store in the named folder; None for the working directory."""
    if folder == Path():
        return None
    database = folder.resolve() / "mlflow.db"
    if not database.is_file():
        raise BadInput(f"{database}: no such database; name the folder of a store")
    return f"sqlite:///{database}"
