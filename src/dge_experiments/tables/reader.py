"""Reads any published table of differential expression results."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables import bundled, fingerprint, ids
from dge_experiments.tables.canonical import Statistics, canonical
from dge_experiments.tables.checks import contract, identifiers, pvalues, recognition
from dge_experiments.tables.checks.findings import reported
from dge_experiments.tables.choice import choose
from dge_experiments.tables.files.layout import Layout, Source
from dge_experiments.tables.headers import groups
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.detected import Detected
from dge_experiments.tables.headers.dialect import LOGS, load
from dge_experiments.tables.loading import Body, ids_repeat, trim
from dge_experiments.tables.loading import load as load_body
from dge_experiments.tables.reading import Reading
from dge_experiments.tables.table import ROLES, Finding, Table


def read(
    path: str | Path, reading: Reading | None = None, *, name: str | None = None, **options: Any
) -> Table:
    """Read a table of differential expression results into limma's columns.

    Parameters
    ----------
    path : CSV, TSV, semicolon- or whitespace-delimited text (plain, .gz, .bz2), a workbook (.xlsx, .xlsb, .xls, .ods)
        or Parquet, or ``bundled:NAME``; rows are genes
    reading : how it is read; default is what its headers and values say
    name : short name of the table; default is the file's name up to the first dot
    options : attributes of `Reading`, each in place of that of ``reading``

    Raises
    ------
    BadInput
        no such file, no table of results (and what it is instead, where that is plain), text in a numeric
        column, two readings as good as each other, an unknown sheet, group, role, header or dialect
    """
    file = bundled.resolve(path)
    reading = replace(reading or Reading(), **options)
    source, detected = choose(file, reading, load(reading.dialects))
    layout = source.layout
    if layout.sample.empty:
        raise BadInput(f"{file}: a header and no rows; a DGE table has one row per gene")
    kept = {header: _position(layout, header) for header in reading.keep}
    every = reading.missing == "keep"
    body = trim(load_body(source, detected, tuple(kept.values()), lenient=every), remarks=not every)
    detected, body = _grouping(source, detected, body)
    levels, body = _of_group(layout, detected, body, reading.group)
    table = canonical(
        layout,
        detected,
        body.numbers,
        body.texts,
        body.lines,
        derive=reading.derive,
        notations=body.notations,
    )
    table = replace(table, groups=table.groups if reading.group is None and len(levels) > 1 else None)
    keys = (
        body.keys
        if body.keys is None or table.groups is None
        else fingerprint.grouped(body.keys, table.groups)
    )
    repeated = body.repeated if table.groups is None or keys is None else fingerprint.repeated(keys)
    suspects = identifiers.suspects(table.ids) if table.ids is not None else np.empty(0, np.int64)
    whole = np.ones(len(table), bool) if every else fingerprint.present(table.columns)
    findings = (
        *recognition.check(layout, detected, table, reading.sheet, body.footnotes),
        *contract.check(table),
        *pvalues.check(table),
        *identifiers.check(table, repeated, suspects),
        *_dropped(file, table, whole, reading.missing),
    )
    frame = _frame(table, whole, suspects[:0] if every else suspects)
    rows = fingerprint.mixed(table.columns) ^ (np.uint64(0) if keys is None else keys)
    extra = pd.DataFrame({header: body.texts[i] for header, i in kept.items()}, index=range(len(body)))
    read_as = Table(
        frame=frame,
        name=name or file.name.split(".")[0] or file.name,
        path=str(file),
        digest=fingerprint.digest(frame.columns, rows if whole.all() else rows[whole]),
        dialect=detected.dialect.name,
        columns=_columns(layout, detected, table),
        findings=reported(findings, reading.ignore),
        ignored=tuple(reading.ignore),
        roles=_roles(layout, detected),
        rows=len(table),
        format=layout.format,
        delimiter=layout.delimiter,
        encoding=layout.encoding,
        sheet=layout.sheet,
        effect_scale=table.effect_scale,
        statistic_signed=table.signed,
        why=_why(detected),
        derived=table.derived,
        groups=levels,
        labels=_labels(layout, detected),
        unread=_unread(layout, detected),
        extra=extra if whole.all() else extra[whole].reset_index(drop=True),
    )
    return read_as if reading.ids == "as_is" else ids.bridged(read_as, reading.ids, reading.ids_from)


def _position(layout: Layout, header: str) -> int:
    if header not in layout.headers:
        known = ", ".join(map(repr, layout.headers[:30]))
        raise BadInput(f"{layout.file}: no column {header!r} (found {known})")
    return layout.headers.index(header)


def _grouping(source: Source, detected: Detected, body: Body) -> tuple[Detected, Body]:
    """The group column of a long table: one by name counts where ids repeat, another if it tells their rows apart."""
    position, roles = detected.columns.get("id"), dict(detected.columns)
    if position is None or ("group" in roles and not detected.tentative):
        return detected, body
    repeat = ids_repeat(body, position)
    if "group" in roles:
        return (detected if repeat else replace(detected, columns=_without_group(roles))), body
    if not repeat or body.repeated is None or body.repeated.mean() < groups.REPEATED:
        return detected, body
    candidates = groups.candidates(Columns(source.layout), frozenset(roles.values()))
    texts = {i: text.iloc[: len(body)] for i, text in source.load([], candidates).texts.items()}
    found = groups.telling(body.texts[position], texts)
    if found is None:
        return detected, body
    return replace(detected, columns=roles | {"group": found}), replace(
        body, texts={**body.texts, found: texts[found]}
    )


def _without_group(roles: dict[str, int]) -> dict[str, int]:
    return {role: i for role, i in roles.items() if role != "group"}


def _of_group(
    layout: Layout, detected: Detected, body: Body, group: str | None
) -> tuple[tuple[str, ...], Body]:
    """The levels of the group column, and the rows of the group that was asked for."""
    groups = body.texts.get(detected.columns.get("group", -1))
    levels = tuple(dict.fromkeys(groups)) if groups is not None else ()
    if group is None:
        return levels, body
    if groups is None:
        raise BadInput(
            f"data.group={group}: {layout.file} has no group column; name it with data.columns.group=NAME"
        )
    if group not in levels:
        raise BadInput(
            f"data.group={group}: no such group in {layout.file}; there are {', '.join(levels[:30])}"
        )
    return levels, body.rows(np.asarray(groups == group))


def _dropped(file: Path, table: Statistics, whole: Any, missing: str) -> Sequence[Finding]:
    where = np.flatnonzero(~whole)
    if not len(where):
        return ()
    text = f"{len(where)} of {len(table)} rows lack a finite number in one of {', '.join(table.columns)}"
    if missing == "error":
        raise BadInput(
            f"{file}: {text} (first: line {table.lines[where[0]]}); data.missing=drop leaves them out"
        )
    if len(where) == len(table):
        raise BadInput(f"{file}: {text}: none is left")
    lines = tuple(int(table.lines[i]) for i in where[:5])
    return (Finding("rows_dropped", "warning", f"{text}: dropped (data.missing=drop)", len(where), lines),)


def _frame(table: Statistics, whole: Any, suspects: Any) -> pd.DataFrame:
    """The canonical frame of the whole rows; ids that are words for a missing one are blank."""
    gene = pd.Series([""] * len(table), dtype="str") if table.ids is None else table.ids.astype("str")
    none = identifiers.absent(gene, suspects)
    if table.ids is not None and len(none):
        gene = gene.copy()
        gene.iloc[none] = ""
    parts: dict[str, Any] = {"gene": gene}
    if table.groups is not None:
        parts["group"] = table.groups.astype("str")
    if whole.all():
        return pd.DataFrame({**parts, **table.columns}, copy=False)
    parts = {name: texts[whole].reset_index(drop=True) for name, texts in parts.items()}
    return pd.DataFrame({**parts, **{n: v[whole] for n, v in table.columns.items()}}, copy=False)


def _columns(layout: Layout, detected: Detected, table: Statistics) -> dict[str, str]:
    """Canonical name -> header."""
    gene = {} if table.ids is None else {"gene": layout.headers[detected.columns["id"]]}
    return gene | dict(table.headers)


def _roles(layout: Layout, detected: Detected) -> dict[str, str | None]:
    positions = dict(detected.columns)
    for log, plain in LOGS.items():
        positions.setdefault(plain, positions.get(log, -1))
    found = {role: positions.get(role, -1) for role in ROLES}
    return {role: layout.headers[i] if i >= 0 else None for role, i in found.items()}


def _why(detected: Detected) -> str:
    """How the columns were recognised, in one line; a tool is named only where there is no doubt."""
    if not detected.why:
        return "no header is known: read as data.columns says"
    if detected.why.startswith("no header"):
        return detected.why
    known = f"columns as {detected.dialect.tool} names them" if detected.sure else "columns by their names"
    return f"{known}: {detected.why}"


def _labels(layout: Layout, detected: Detected) -> tuple[str, ...]:
    """Headers of the columns without a role that have 2 to 50 values in the sample."""
    columns, used = Columns(layout), set(detected.columns.values())
    free = (i for i in range(len(columns)) if i not in used and layout.headers[i])
    return tuple(layout.headers[i] for i in free if 2 <= columns.levels(i) <= 50)


def _unread(layout: Layout, detected: Detected) -> tuple[str, ...]:
    used = set(detected.columns.values())
    return tuple(name for i, name in enumerate(layout.names) if i not in used and name)
