"""A store whose folder was moved: MLflow stores absolute paths and would write to the old folder."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlparse

from dge_experiments.errors import BadInput

COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
SQLITE = b"SQLite format 3\0"


def database_file(uri: str) -> Path | None:
    """The file of a ``sqlite:///`` store (MLflow's own default percent-encodes spaces), else None."""
    return Path(unquote(uri.removeprefix("sqlite:///"))) if uri.startswith("sqlite:///") else None


def check(database: Path) -> None:
    """Raise BadInput if the path exists and is no SQLite database: MLflow would retry for minutes or raise."""
    if database.is_dir():
        raise BadInput(f"{database}: is a folder; name a file in it: sqlite:///{database / 'mlflow.db'}")
    if not database.is_file():
        return
    try:
        with database.open("rb") as file:
            header = file.read(len(SQLITE))
    except OSError as error:
        raise BadInput(f"{database}: cannot be read ({error.strerror})") from None
    if header not in (b"", SQLITE):
        raise BadInput(f"{database}: is no SQLite database; name another file, which is made")


def old_place(database: Path) -> Path | None:
    """The folder that the store's artifact paths name, if the database has been moved away from it, else None.

    Only a store with its artifacts in ``mlruns`` beside the database is checked.
    """
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as store:
        try:
            rows = store.execute(
                "SELECT artifact_location FROM experiments WHERE experiment_id != 0"
            ).fetchall()
        except sqlite3.OperationalError:
            return None
    for (location,) in rows:
        path = _path(location)
        if path is not None and path.parent.name == "mlruns":
            home = path.parent.parent
            if home != database.parent.resolve() and (database.parent / "mlruns" / path.name).is_dir():
                return home
    return None


def relocate(database: Path, old: Path, new: Path) -> dict[str, int]:
    """Replace the prefix ``old`` by ``new`` in every path in the store, in one transaction; the changed rows by column.

    Raises
    ------
    BadInput
        no such database, or no path in it that starts with ``old``
    """
    if not database.is_file():
        raise BadInput(
            f"{database}: no such database; stand in the project's folder, or give it: relocate FOLDER"
        )
    changed = {}
    with closing(sqlite3.connect(database, timeout=20)) as store, store:
        for table, column in COLUMNS:
            count = 0
            for prefix in (str(old), old.as_uri()):
                replacement = new.as_uri() if prefix.startswith("file:") else str(new)
                count += store.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                    f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                    (replacement, len(prefix) + 1, prefix, len(prefix) + 1, f"{prefix}/"),
                ).rowcount
            changed[f"{table}.{column}"] = count
    return changed


def _path(location: str) -> Path | None:
    parts = urlparse(location)
    if parts.scheme not in ("", "file"):
        return None
    path = Path(unquote(parts.path))
    return path if path.is_absolute() else None
