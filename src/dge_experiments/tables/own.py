"""The user's own numeric columns, such as the length of a gene, from the table's file or from a second one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput, listed, nearest
from dge_experiments.tables import bundled
from dge_experiments.tables.checks.findings import reported
from dge_experiments.tables.files.layout import Layout, Source
from dge_experiments.tables.files.numbers import Floats, parse
from dge_experiments.tables.files.opening import open_tables
from dge_experiments.tables.headers.detected import Detected
from dge_experiments.tables.ids import without_version
from dge_experiments.tables.table import CANONICAL, Finding, Table

TEXTS = {"id": "the ids", "group": "the groups", "direction": "the direction"}


def positions(
    layout: Layout, detected: Detected, names: Sequence[str], join: str | Path | None, missing: str
) -> tuple[dict[str, int], list[str]]:
    """Positions of the columns called ``names`` in the file, and the names that the file ``join`` has.

    With ``missing="keep"`` those that neither has are left out.

    Raises
    ------
    BadInput
        a column that neither file has or both have, or one with ids or groups
    """
    elsewhere = [name for name in _opened(join).layout.names if name] if join and names else []
    roles = {i: role for role, i in detected.columns.items() if role in TEXTS}
    in_table: dict[str, int] = {}
    from_join: list[str] = []
    for name in names:
        if name in elsewhere:
            if name in layout.names:
                raise BadInput(
                    f"features.extra: both {layout.file} and {join} have a column {name!r}; rename one"
                )
            from_join.append(name)
            continue
        if name not in layout.names:
            if missing == "keep":
                continue
            available = ", ".join(map(repr, layout.headers[:30]))
            near = nearest(name, [*layout.names, *elsewhere])
            also = f"; {join} has {', '.join(map(repr, elsewhere[:30]))}" if join else ""
            raise BadInput(
                f"{layout.file}: no column {name!r} for features.extra{near} (found {available}{also})"
            )
        in_table[name] = layout.names.index(name)
        if in_table[name] in roles:
            raise BadInput(
                f"features.extra: {layout.file} has {TEXTS[roles[in_table[name]]]} in {name!r}, and no numbers"
            )
    return in_table, from_join


def added(table: Table, columns: Mapping[str, Floats], missing: str, source: str = "") -> Table:
    """The table with further numeric columns; each has a value for every row of the frame.

    Rows without a finite number in them are dropped and counted, refused, or kept, by ``missing``; ``source`` describes
    a second file. The digest remains that of the statistics: the same genes, the same digest.

    Raises
    ------
    BadInput
        a name that is in use, no row left, or with ``missing="error"`` a row without a number
    """
    for name in columns:
        if name in table.frame:
            raise BadInput(
                f"features.extra: {name!r} is read already, as a statistic; features.columns chooses those"
            )
        if name in CANONICAL:
            raise BadInput(
                f"features.extra: {name!r} is the name of a statistic; give the column another one"
            )
    complete = np.ones(len(table.frame), dtype=bool)
    lost = []
    for name, values in columns.items():
        finite = np.isfinite(values)
        lost += [] if finite.all() else [f"{name} ({int((~finite).sum()):,})"]
        complete &= finite
    count = int((~complete).sum())
    with_own = replace(
        table, frame=table.frame.assign(**columns), own=(*table.own, *columns),
        columns={**table.columns, **{name: name for name in columns}},
    )  # fmt: skip
    if missing == "keep" or not (count or source):
        return with_own
    origin = f" {source}" if source else ""
    text = f"{count:,} of {len(complete):,} rows have no finite number in {listed(lost)}{origin}"
    if count and missing == "error":
        raise BadInput(f"{table.path}: {text}; data.missing=drop leaves them out")
    if count == len(complete):
        raise BadInput(f"{table.path}: {text}: none is left")
    if not count:
        finding = Finding("own_columns_joined", "info", f"every row has {listed(list(columns))}{origin}")
    else:
        finding = Finding("own_columns_missing", "warning", f"{text}: dropped (data.missing=drop)", count)
    return replace(with_own.subset(complete), findings=reported((*table.findings, finding), table.ignored))


def joined(table: Table, names: Sequence[str], file: str | Path, missing: str) -> Table:
    """The table with the columns ``names`` of a second file, by gene id; all rows of a gene get the same values.

    The ids are looked up in the column of the file that has most of them, Ensembl ids without their version.

    Raises
    ------
    BadInput
        no column with the ids, an id with several rows that differ, text in a numeric column, rows without a number
        (see `added`)
    """
    source = _opened(file)
    layout = source.layout
    value_columns = {name: layout.names.index(name) for name in names}
    texts = [i for i in range(len(layout.names)) if i not in value_columns.values()]
    loaded = source.load([], range(len(layout.names))).texts
    ids = without_version(table.frame["gene"])
    table_ids = set(ids[ids != ""])
    cells = {i: without_version(loaded[i].str.strip()) for i in texts}
    hits = {i: len(table_ids.intersection(column_ids)) for i, column_ids in cells.items()}
    best = max(hits, key=hits.__getitem__, default=-1)
    if best < 0 or not hits[best]:
        examples = ", ".join(ids[ids != ""].head(3))
        raise BadInput(
            f"features.join={file}: no column has the ids of {table.path} (such as {examples}); "
            "data.ids=KIND data.ids_from=FILE brings ids to another kind"
        )
    frame = pd.DataFrame({name: _numbers(layout, i, loaded[i], missing) for name, i in value_columns.items()})
    frame.insert(0, "id", cells[best].to_numpy())
    partners = frame[frame["id"].isin(table_ids)].drop_duplicates()
    ambiguous = partners["id"][partners["id"].duplicated()]
    if len(ambiguous):
        raise BadInput(
            f"features.join={file}: {ambiguous.iloc[0]!r} has several rows that differ in {listed(list(names))} "
            f"({ambiguous.nunique():,} such ids in {layout.names[best]!r}); keep one row for each id"
        )
    values = partners.set_index("id").reindex(ids)
    columns = {name: values[name].to_numpy(np.float64) for name in names}
    return added(
        table, columns, missing, f"of {Path(file).name}, joined by its column {layout.names[best]!r}"
    )


def _opened(file: str | Path) -> Source:
    path = bundled.resolve(file)
    if not path.is_file():
        raise BadInput(f"features.join={file}: no such file (looked in {Path.cwd()})")
    source = next(open_tables(path), None)
    if source is None:
        raise BadInput(f"features.join={file}: no table of two columns or more, one of them the gene ids")
    return source


def _numbers(layout: Layout, i: int, cells: "pd.Series[str]", missing: str) -> Floats:
    parsed = parse(cells, layout.decimal)
    if parsed.bad.any() and missing != "keep":
        where = int(parsed.bad.argmax())
        raise BadInput(
            f"features.join={layout.file}: column {layout.names[i]!r}, line {layout.first_line + where}: "
            f"{str(cells.iloc[where])[:40]!r} is not a number ({int(parsed.bad.sum())} such rows)"
        )
    return parsed.values
