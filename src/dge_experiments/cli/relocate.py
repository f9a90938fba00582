"""``dge-experiments relocate``: repair a store whose folder was moved."""

from collections.abc import Iterator
from pathlib import Path

from dge_experiments.cli.folder import start
from dge_experiments.errors import BadInput

USAGE = "python -m dge_experiments relocate [FOLDER]   (the folder that was moved; default: this one)"


def main() -> None:
    """Correct the paths in FOLDER/mlflow.db after the folder was moved."""
    start(relocate, USAGE, Path())


def relocate(moved: Path) -> Iterator[tuple[str, str]]:
    """Replace the old path of the store by its present one."""
    from dge_experiments.tracking import folder

    new = moved.resolve()
    database = new / "mlflow.db"
    if not database.is_file():
        raise BadInput(
            f"{database}: no such database; stand in the project's folder, or name it: relocate FOLDER"
        )
    old = folder.old_place(database)
    if old is None:
        yield "nothing", "the store knows its place; nothing was changed"
        return
    changed = folder.relocate(database, old, new)
    yield "moved", f"{old} -> {new}: " + ", ".join(f"{n} in {column}" for column, n in changed.items())
