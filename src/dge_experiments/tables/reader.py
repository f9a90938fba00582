"""Read any published table of differential expression results."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dge_experiments.errors import BadInput
from dge_experiments.tables import bundled, fingerprint, grouping, ids, own
from dge_experiments.tables.assembly import assemble
from dge_experiments.tables.canonical import Statistics, canonical
from dge_experiments.tables.checks import contract, identifiers, pvalues, recognition
from dge_experiments.tables.checks.findings import reported
from dge_experiments.tables.choice import choose
from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.headers.dialect import load
from dge_experiments.tables.loading import load as load_body
from dge_experiments.tables.loading import trim
from dge_experiments.tables.reading import Reading
from dge_experiments.tables.table import Finding, Table


def read(
    path: str | Path, reading: Reading | None = None, *, name: str | None = None, **options: Any
) -> Table:
    """Read a table of differential expression results into limma's columns.

    Parameters
    ----------
    path : CSV, TSV, semicolon- or whitespace-delimited text (plain, .gz, .bz2), a workbook (.xlsx, .xlsb, .xls, .ods)
        or Parquet, or ``bundled:NAME``; rows are genes
    reading : how it is read; by default this is detected from its headers and values
    name : short name of the table; default is the file's name up to the first dot
    options : attributes of `Reading`, which replace those of ``reading``

    Raises
    ------
    BadInput
        no such file, no table of results (and what it is instead, where that is clear), text in a numeric
        column, two readings that are equally good, an unknown sheet, group, role, header or dialect
    """
    file = bundled.resolve(path)
    reading = replace(reading or Reading(), **options)
    source, detected = choose(file, reading, load(reading.dialects))
    layout = source.layout
    if layout.sample.empty:
        raise BadInput(f"{file}: a header and no rows; a DGE table has one row per gene")
    keep_positions = {header: _position(layout, header) for header in reading.keep}
    own_positions, joined_names = own.positions(layout, detected, reading.own, reading.join, reading.missing)
    keep_all = reading.missing == "keep"
    loaded = load_body(
        source, detected, tuple(keep_positions.values()), tuple(own_positions.values()), lenient=keep_all
    )
    body = trim(loaded, remarks=not keep_all)
    detected, body = grouping.recognise(source, detected, body)
    levels, body = grouping.choose(layout, detected, body, reading.group)
    statistics = canonical(
        layout,
        detected,
        body.numbers,
        body.texts,
        body.lines,
        derive=reading.derive,
        notations=body.notations,
    )
    if reading.group is not None or len(levels) < 2:
        statistics = replace(statistics, groups=None)
    identity = identifiers.identity(statistics, body.keys, body.repeated)
    complete = np.ones(len(statistics), bool) if keep_all else fingerprint.present(statistics.columns)
    findings = (
        *recognition.check(layout, detected, statistics, reading.sheet, body.footnotes),
        *contract.check(statistics),
        *pvalues.check(statistics),
        *identifiers.check(statistics, identity),
        *_dropped(file, statistics, complete, reading.missing),
    )
    table = assemble(
        file,
        name,
        layout,
        detected,
        statistics,
        replace(identity, suspects=identity.suspects[:0]) if keep_all else identity,
        complete,
        levels=levels,
        further={header: body.texts[i] for header, i in keep_positions.items()},
        findings=reported(findings, reading.ignore),
        ignored=tuple(reading.ignore),
    )
    if reading.ids != "as_is":
        table = ids.bridged(table, reading.ids, reading.ids_from)
    table = own.added(
        table, {name: body.numbers[i][complete] for name, i in own_positions.items()}, reading.missing
    )
    return own.joined(table, joined_names, str(reading.join), reading.missing) if joined_names else table


def _position(layout: Layout, header: str) -> int:
    if header not in layout.headers:
        available = ", ".join(map(repr, layout.headers[:30]))
        raise BadInput(f"{layout.file}: no column {header!r} (found {available})")
    return layout.headers.index(header)


def _dropped(file: Path, table: Statistics, complete: Any, missing: str) -> Sequence[Finding]:
    where = np.flatnonzero(~complete)
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
