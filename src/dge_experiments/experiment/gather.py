"""Several tables, each with its own reading options."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from dge_experiments.errors import BadInput, nearest
from dge_experiments.tables import Table, read
from dge_experiments.tables.reading import Reading

OPTIONS = ("name", *(field.name for field in fields(Reading)))


def gather(given: Iterable[str | Mapping[str, Any]], key: str) -> dict[str, Table]:
    """Read tables and name them: by ``name``, else by their files, with a number where a name comes twice.

    Parameters
    ----------
    given : of each table its path (``bundled:NAME`` for one of the package), or a mapping of ``path`` and options of
        ``tables.read``: columns, dialect, sheet, contrast, group and others
    key : of the configuration, for the message

    Raises
    ------
    BadInput
        no path, an option that does not exist, or a file that cannot be read as such a table
    """
    if isinstance(given, bool):
        raise BadInput(f"{key}={given}: must be a list of tables, such as [A.csv, B.csv]")
    found: dict[str, Table] = {}
    for number, one in enumerate(given, 1):
        options: dict[str, Any] = {"path": one} if isinstance(one, str) else dict(one)
        path = options.pop("path", None)
        if not path:
            raise BadInput(f"{key}: table {number} has no path; give a path, or path and reading options")
        for option in options:
            if option not in OPTIONS:
                raise BadInput(f"{key}: {option} is no reading option{nearest(option, OPTIONS)}")
        if "dialects" in options:
            options["dialects"] = tuple(map(Path, options["dialects"]))
        table = read(path, **options)
        name = table.name if table.name not in found else f"{table.name} ({number})"
        found[name] = table
    return found
