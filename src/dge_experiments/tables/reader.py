"""Reads any published table of differential expression results."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables import bundled, fingerprint
from dge_experiments.tables.canonical import Statistics, canonical
from dge_experiments.tables.checks import contract, identifiers
from dge_experiments.tables.files import opening
from dge_experiments.tables.files.source import Facts
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.detection import Reading
from dge_experiments.tables.headers.dialect import DIALECTS, load
from dge_experiments.tables.table import NOTHING, ROLES, Finding, Table

SEVERITIES = ("error", "warning", "info")


def read(
    path: str | Path,
    *,
    name: str | None = None,
    columns: Mapping[str, str] = NOTHING,
    dialect: str | None = None,
    sheet: str | None = None,
    group: str | None = None,
    missing: Literal["drop", "error", "keep"] = "drop",
    dialects: Sequence[Path] = DIALECTS,
    derive: bool = False,
    keep: Sequence[str] = (),
) -> Table:
    """Read a table of differential expression results into limma's columns.

    Parameters
    ----------
    path : CSV, TSV, semicolon- or whitespace-delimited text (plain, .gz, .bz2), .xlsx or Parquet, or
        ``bundled:NAME``; rows are genes
    name : short name of the table; default is the file's name up to the first dot
    columns : role -> header, for what is not recognised: ``id effect mean statistic p adjusted_p se
        log_odds group``
    dialect : name of the dialect to use; default is the one that explains most headers
    sheet : sheet of a workbook; default is the first that holds a table
    group : keep the rows of this group of a long table; default is all groups
    missing : what becomes of rows without a finite number in every recognised column: ``drop``, ``error``, or
        ``keep`` (every row is in the frame, its id as it is, text in a numeric column as NaN: for scoring a
        table whose every row must be answered for)
    dialects : folders of dialect files (YAML); a later folder's dialect replaces its namesake
    derive : add ``t = logFC / SE`` where there is no statistic
    keep : headers of other columns to carry along as text, in ``Table.extra``

    Raises
    ------
    BadInput
        no such file, no table of results (and what it is instead, where that is plain), text in a numeric
        column, two readings as good as each other, an unknown sheet, group, role, header or dialect
    """
    file = bundled.resolve(path)
    if missing not in ("drop", "error", "keep"):
        raise BadInput(f"data.missing={missing}: must be drop, error or keep")
    source, reading = opening.choose(file, sheet, load(dialects), columns, dialect)
    facts = source.facts
    if facts.sample.empty:
        raise BadInput(f"{file}: a header and no rows; a DGE table has one row per gene")
    kept = {header: _position(facts, header) for header in keep}
    texts = {i for r, i in reading.columns.items() if r in ("id", "group")} | set(kept.values())
    numeric = sorted({i for r, i in reading.columns.items() if r not in ("id", "group")})
    words, converted = source.load(numeric, sorted(texts), missing == "keep")
    beside = ThreadPoolExecutor(1)
    hashed = beside.submit(_hashed, words.get(reading.columns.get("id", -1)))
    values, words = _filled(dict(converted), words)
    if reading.tentative and hashed.result()[1] is None:
        reading = replace(reading, columns={r: i for r, i in reading.columns.items() if r != "group"})
    count = next(len(column) for column in values.values())
    ids, groups = (words[reading.columns[r]] if r in reading.columns else None for r in ("id", "group"))
    extra = pd.DataFrame({header: words[i] for header, i in kept.items()}, index=range(count))
    lines: Any = range(facts.first_line, facts.first_line + count)
    levels = tuple(dict.fromkeys(groups)) if groups is not None else ()
    chosen: Any = slice(count)
    if group is not None:
        chosen = _members(file, groups, levels, group)
        values = {i: v[chosen] for i, v in values.items()}
        ids = ids[chosen].reset_index(drop=True) if ids is not None else None
        extra, lines, groups = (
            extra[chosen].reset_index(drop=True),
            np.flatnonzero(chosen) + facts.first_line,
            None,
        )
    table = canonical(facts, reading, values, ids, groups if len(levels) > 1 else None, lines, derive)
    values.clear()
    if not table.columns:
        raise BadInput(f"{file}: no row has a number in {', '.join(map(repr, table.empty))}")
    findings = [*_about_reading(facts, reading, sheet), *contract.check(table)]
    whole = np.ones(len(table), bool) if missing == "keep" else fingerprint.present(table.columns)
    rows = fingerprint.mixed(table.columns)
    at = identifiers.suspects(table.ids) if table.ids is not None else np.empty(0, np.int64)
    keys, twice = hashed.result()
    if keys is not None and (table.groups is not None or len(keys) > len(table)):
        keys = keys[chosen] if table.groups is None else fingerprint.grouped(keys[chosen], table.groups)
        twice = fingerprint.repeated(keys)
    findings += identifiers.check(table, twice, at)
    findings += _dropped(file, table, whole, missing)
    if keys is not None:
        rows ^= keys
    frame = _frame(table, whole, at[:0] if missing == "keep" else at)
    return Table(
        frame=frame,
        name=name or file.name.split(".")[0] or file.name,
        path=str(file),
        digest=fingerprint.digest(frame.columns, rows if whole.all() else rows[whole]),
        dialect=reading.dialect.name,
        columns=({"gene": facts.headers[reading.columns["id"]]} if ids is not None else {})
        | dict(table.headers),
        findings=tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity))),
        roles=_roles(facts, reading),
        rows=len(table),
        format=facts.format,
        delimiter=facts.delimiter,
        encoding=facts.encoding,
        sheet=facts.sheet,
        effect_scale=table.effect_scale,
        statistic_signed=table.signed,
        why=reading.why,
        derived=table.derived,
        groups=levels,
        labels=_labels(facts, reading),
        extra=extra if whole.all() else extra[whole].reset_index(drop=True),
    )


def _filled(
    values: dict[int, Any], words: dict[int, "pd.Series[Any]"]
) -> tuple[dict[int, Any], dict[int, "pd.Series[Any]"]]:
    """The columns without the rows at their end that hold nothing, as Excel writes them."""
    count = end = next(len(column) for column in values.values())
    while words and end and all(np.isnan(column[end - 1]) for column in values.values()):
        if any(str(column.iloc[end - 1]).strip() for column in words.values()):
            break
        end -= 1
    if end in (0, count):
        return values, words
    return {i: v[:end] for i, v in values.items()}, {i: w.iloc[:end] for i, w in words.items()}


def _hashed(ids: "pd.Series[Any] | None") -> tuple[Any, Any]:
    """A number for each id, and which of them stood in an earlier row; None for none."""
    keys = None if ids is None else fingerprint.hashes(ids)
    return keys, None if keys is None else fingerprint.repeated(keys)


def _position(facts: Facts, header: str) -> int:
    if header not in facts.headers:
        raise BadInput(
            f"{facts.file}: no column {header!r} (found {', '.join(map(repr, facts.headers[:30]))})"
        )
    return facts.headers.index(header)


def _members(
    file: Path, groups: "pd.Series[Any] | None", levels: Sequence[str], group: str
) -> "np.ndarray[Any, Any]":
    if groups is None:
        raise BadInput(
            f"data.group={group}: {file} has no group column; name it with data.columns.group=NAME"
        )
    if group not in levels:
        raise BadInput(f"data.group={group}: no such group in {file}; there are {', '.join(levels[:30])}")
    return np.asarray(groups == group)


def _about_reading(facts: Facts, reading: Reading, asked: str | None) -> Iterator[Finding]:
    if facts.sheet is not None and facts.other_sheets and asked is None:
        others = ", ".join(map(repr, facts.other_sheets))
        yield Finding(
            "sheet_chosen", "warning", f"sheet {facts.sheet!r} was read; the workbook also has {others}"
        )
    if facts.headerless:
        yield Finding("no_header", "warning", f"the file has no header: {reading.why}")
    if reading.target_is_t:
        text = "column 'target' holds t (its sign is the sign of the effect in every row): read as t"
        yield Finding("target_is_t", "warning", text, len(facts.sample))


def _dropped(file: Path, table: Statistics, whole: Any, missing: str) -> Iterator[Finding]:
    where = np.flatnonzero(~whole)
    if not len(where):
        return
    text = f"{len(where)} of {len(table)} rows lack a finite number in one of {', '.join(table.columns)}"
    if missing == "error":
        raise BadInput(
            f"{file}: {text} (first: line {table.lines[where[0]]}); data.missing=drop leaves them out"
        )
    if len(where) == len(table):
        raise BadInput(f"{file}: {text}: none is left")
    lines = tuple(int(table.lines[i]) for i in where[:5])
    yield Finding("rows_dropped", "warning", f"{text}: dropped (data.missing=drop)", len(where), lines)


def _frame(table: Statistics, whole: Any, at: Any) -> pd.DataFrame:
    """The canonical frame of the whole rows; the columns are taken out of ``table`` one by one."""
    every, n = bool(whole.all()), len(table)
    ids = pd.Series([""] * n, dtype="str") if table.ids is None else table.ids
    none = identifiers.absent(ids, at) if table.ids is not None else ()
    parts: dict[str, Any] = {"gene": ids.astype("str")}
    if len(none):
        parts["gene"] = parts["gene"].copy()
        parts["gene"].iloc[none] = ""
    if table.groups is not None:
        parts["group"] = table.groups.astype("str")
    parts = {k: v if every else v[whole].reset_index(drop=True) for k, v in parts.items()}
    for column in list(table.columns):
        values = table.columns.pop(column)
        parts[column] = values if every else values[whole]
    return pd.DataFrame(parts, copy=False)


def _roles(facts: Facts, reading: Reading) -> dict[str, str | None]:
    at = dict(reading.columns)
    at.setdefault("p", at.get("neg_log10_p", -1))
    return {role: facts.headers[at[role]] if at.get(role, -1) >= 0 else None for role in ROLES}


def _labels(facts: Facts, reading: Reading) -> tuple[str, ...]:
    columns, used = Columns(facts), set(reading.columns.values())
    free = [i for i, header in enumerate(facts.headers) if header and i not in used]
    return tuple(facts.headers[i] for i in free if 2 <= columns.levels(i) <= 50)
