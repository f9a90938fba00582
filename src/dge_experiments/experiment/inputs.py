"""The tables that a run reads, by its settings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from dge_experiments import settings
from dge_experiments.errors import BadInput
from dge_experiments.settings import Data
from dge_experiments.tables import Reading, Table, filter, read
from dge_experiments.tables.headers.dialect import DIALECTS
from dge_experiments.tables.own import joined
from dge_experiments.tables.simulated import simulate


@dataclass(frozen=True)
class OwnColumns:
    """The user's own columns: ``names`` in the table itself or in a second file, ``join``; see ``tables.own``."""

    names: tuple[str, ...] = ()
    join: str | None = None


NO_OWN = OwnColumns()
# in a message about a table; what a further table has from ``data`` stays data.ids, data.ids_from, data.dialects
READING_KEY = re.compile(
    r"\bdata\.(?=(columns|dialect|encoding|sheet|contrast|group|missing|ignore|derive|filter)\b)"
)


def table_of(data: Data, keep: Sequence[str] = (), own_columns: OwnColumns = NO_OWN) -> Table:
    """Read and filter the table that ``data`` names, with the user's own columns; ``keep`` are further columns, read as
    text.

    Raises
    ------
    BadInput
        no path, or a table that cannot be read so
    """
    if data.simulated is not None:
        if data.path:
            raise BadInput(
                f"data.path={data.path}: not read, data=simulated draws its table; use data=table data.path=FILE"
            )
        if own_columns.names and not own_columns.join:
            raise BadInput(
                f"features.extra: data=simulated has no {', '.join(own_columns.names)}; add features.join=FILE"
            )
        table = simulate(**asdict(data.simulated), name=data.name or "simulated")
        if own_columns.names:
            table = joined(table, own_columns.names, str(own_columns.join), str(data.missing))
        return filter.filtered(table, data.filter)
    if not data.path:
        raise BadInput("data.path: must be given; add data.path=FILE")
    filtered_by = filter.parse(data.filter).headers if data.filter else ()
    texts = [
        name for name in dict.fromkeys((*keep, *filtered_by)) if name in keep or name not in own_columns.names
    ]
    reading = replace(_reading(data, texts), own=own_columns.names, join=own_columns.join)
    return filter.filtered(read(data.path, reading, name=data.name), data.filter)


def further(
    entries: Any,
    key: str,
    data: Data,
    options: settings.Reading | None = None,
    options_key: str = "",
    keep: Sequence[str] = (),
    own_columns: OwnColumns = NO_OWN,
) -> list[Table]:
    """Further tables, read like that of ``data``: of ``target=replication``, or of ``evaluation.external``.

    Parameters
    ----------
    entries : a path or a list; each a path, read by ``options``, or a mapping of a path and its own reading options
    key : where the settings have them
    options_key : where the settings have ``options``, with a dot
    data : its dialects and its kind of ids are used where the options name no others

    Raises
    ------
    BadInput
        an unknown option, no path, or a table that cannot be read so
    """
    entry_list = [entries] if isinstance(entries, str | dict) else list(entries or [])
    shared = settings.plain(options or settings.Reading())
    tables = []
    for entry in entry_list:
        table = _inheriting(settings.further_table(entry, key, shared), data)
        try:
            tables.append(table_of(table, keep, own_columns))
        except BadInput as error:
            own_key = "" if isinstance(entry, Mapping) else options_key
            text, count = READING_KEY.subn(own_key, str(error))
            how = "; say so with the path: {path: FILE, columns: {p: NAME}}" if count and not own_key else ""
            raise BadInput(f"{key}: {text}{how}") from None
    return tables


def entries_of(tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tables given by name as entries of ``further``: each a path, or a mapping of a path and its reading options."""
    return [
        {"name": name, **(table if isinstance(table, Mapping) else {"path": table})}
        for name, table in tables.items()
    ]


def _inheriting(table: Data, data: Data) -> Data:
    return replace(
        table,
        dialects=table.dialects or data.dialects,
        ids=data.ids if table.ids == "as_is" else table.ids,
        ids_from=table.ids_from or data.ids_from,
    )


def _reading(data: Data, keep: Sequence[str]) -> Reading:
    return Reading(
        columns={role: str(header) for role, header in asdict(data.columns).items() if header is not None},
        dialect=data.dialect,
        encoding=data.encoding,
        sheet=data.sheet,
        contrast=data.contrast,
        group=data.group,
        missing="drop" if data.missing == "drop" else "error",
        dialects=(*DIALECTS, *map(Path, data.dialects)),
        derive=data.derive,
        keep=keep,
        ids=str(data.ids),
        ids_from=data.ids_from,
        ignore=tuple(data.ignore),
    )
