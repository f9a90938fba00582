"""``dge-experiments relocate``: a store whose folder was moved is repaired."""

from collections.abc import Iterator
from pathlib import Path

from dge_experiments.cli.folder import start
from dge_experiments.errors import BadInput

USAGE = "python -m dge_experiments relocate [FOLDER]   (the folder that was moved; default: this one)"


def main() -> None:
    """Mend the paths in FOLDER/mlflow.db after the folder was moved."""
    start(relocate, USAGE, Path())


def relocate(moved: Path) -> Iterator[tuple[str, str]]:
    """Write the present place of the store for the old one."""
    from dge_experiments.tracking import folder

    here = moved.resolve()
    database = here / "mlflow.db"
    if not database.is_file():
        raise BadInput(
            f"{database}: no such database; stand in the project's folder, or name it: relocate FOLDER"
        )
    old = folder.old_place(database)
    if old is None:
        yield "nothing", "the store knows its place; nothing was changed"
        return
    changed = folder.relocate(database, old, here)
    yield "moved", f"{old} -> {here}: " + ", ".join(f"{n} in {column}" for column, n in changed.items())
