"""``dge-experiments relocate``: a store whose folder was moved is repaired."""

import sys
from pathlib import Path

from dge_experiments.cli.launch import BAD_INPUT
from dge_experiments.errors import BadInput


def main() -> None:
    """Mend the paths in FOLDER/mlflow.db (default: where one stands) after the folder was moved."""
    try:
        relocate(sys.argv[1:])
    except BadInput as error:
        print(f"dge_experiments: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


def relocate(arguments: list[str]) -> None:
    """Write the present place of the store for the old one."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        raise BadInput(
            "python -m dge_experiments relocate [FOLDER]: name the folder that was moved, or stand in it"
        )
    from dge_experiments.cli import console
    from dge_experiments.tracking import folder

    here = Path(arguments[0] if arguments else ".").resolve()
    database = here / "mlflow.db"
    if not database.is_file():
        raise BadInput(
            f"{database}: no such database; stand in the project's folder, or name it: relocate FOLDER"
        )
    old = folder.old_place(database)
    if old is None:
        console.tell(nothing="the store knows its place; nothing was changed")
        return
    changed = folder.relocate(database, old, here)
    console.tell(moved=f"{old} -> {here}: " + ", ".join(f"{n} in {column}" for column, n in changed.items()))
