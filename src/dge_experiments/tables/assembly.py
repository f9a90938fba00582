"""A table from its parts: the frame of the complete rows, and what is known about the file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.tables import fingerprint
from dge_experiments.tables.canonical import Statistics
from dge_experiments.tables.checks import identifiers
from dge_experiments.tables.checks.identifiers import Identity
from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.detected import Detected
from dge_experiments.tables.headers.dialect import LOGS
from dge_experiments.tables.table import ROLES, Finding, Table

Mask = np.ndarray[Any, np.dtype[np.bool_]]
MOST_LEVELS = 50  # of a column that may label genes


def assemble(
    file: Path,
    name: str | None,
    layout: Layout,
    detected: Detected,
    statistics: Statistics,
    identity: Identity,
    complete: Mask,
    *,
    levels: tuple[str, ...],
    further: "Mapping[str, pd.Series[Any]]",
    findings: Sequence[Finding],
    ignored: tuple[str, ...],
) -> Table:
    """The table of the rows where ``complete`` is true; ``further`` are further columns of the file, by header."""
    frame = _frame(statistics, complete, identity.suspects)
    rows = fingerprint.mixed(statistics.columns)
    if identity.keys is not None:
        rows ^= identity.keys
    extra = pd.DataFrame(further, index=range(len(statistics)))
    return Table(
        frame=frame,
        name=name or file.name.split(".")[0] or file.name,
        path=str(file),
        digest=fingerprint.digest(frame.columns, rows if complete.all() else rows[complete]),
        dialect=detected.dialect.name,
        columns=_columns(layout, detected, statistics),
        findings=tuple(findings),
        ignored=ignored,
        roles=_roles(layout, detected),
        rows=len(statistics),
        format=layout.format,
        delimiter=layout.delimiter,
        encoding=layout.encoding,
        sheet=layout.sheet,
        effect_scale=statistics.effect_scale,
        statistic_signed=statistics.signed,
        why=_why(detected),
        derived=statistics.derived,
        groups=levels,
        labels=_labels(layout, detected),
        unread=_unread(layout, detected),
        numeric=_numeric(layout, detected),
        extra=extra if complete.all() else extra[complete].reset_index(drop=True),
    )


def _frame(table: Statistics, complete: Mask, suspects: identifiers.Rows) -> pd.DataFrame:
    """The canonical frame of the complete rows; ids that are words for a missing value are blank."""
    gene = pd.Series([""] * len(table), dtype="str") if table.ids is None else table.ids.astype("str")
    none = identifiers.absent(gene, suspects)
    if table.ids is not None and len(none):
        gene = gene.copy()
        gene.iloc[none] = ""
    parts: dict[str, Any] = {"gene": gene}
    if table.groups is not None:
        parts["group"] = table.groups.astype("str")
    if complete.all():
        return pd.DataFrame({**parts, **table.columns}, copy=False)
    parts = {name: texts[complete].reset_index(drop=True) for name, texts in parts.items()}
    return pd.DataFrame({**parts, **{n: v[complete] for n, v in table.columns.items()}}, copy=False)


def _columns(layout: Layout, detected: Detected, table: Statistics) -> dict[str, str]:
    """Canonical name -> header."""
    gene = {} if table.ids is None else {"gene": layout.headers[detected.columns["id"]]}
    return gene | dict(table.headers)


def _roles(layout: Layout, detected: Detected) -> dict[str, str | None]:
    positions = dict(detected.columns)
    for log, plain in LOGS.items():
        positions.setdefault(plain, positions.get(log, -1))
    positions_of = {role: positions.get(role, -1) for role in ROLES}
    return {role: layout.headers[i] if i >= 0 else None for role, i in positions_of.items()}


def _why(detected: Detected) -> str:
    """How the columns were recognised, in one line; a tool is named only where it is certain."""
    if not detected.why:
        return "no header is known: read as data.columns says"
    if detected.why.startswith("no header"):
        return detected.why
    names = f"columns as {detected.dialect.tool} names them" if detected.sure else "columns by their names"
    return f"{names}: {detected.why}"


def _labels(layout: Layout, detected: Detected) -> tuple[str, ...]:
    """Headers of the columns without a role that have 2 to 50 values in the sample."""
    columns, used = Columns(layout), set(detected.columns.values())
    free = (i for i in range(len(columns)) if i not in used and layout.headers[i])
    return tuple(layout.headers[i] for i in free if 2 <= columns.levels(i) <= MOST_LEVELS)


def _numeric(layout: Layout, detected: Detected) -> tuple[str, ...]:
    """Names of the columns without a role whose cells in the sample are all numbers or missing, not all missing."""
    columns, used = Columns(layout), set(detected.columns.values())
    free = (i for i in range(len(columns)) if i not in used and layout.names[i])
    return tuple(layout.names[i] for i in free if columns.no_number(i) is None and len(columns.values(i)))


def _unread(layout: Layout, detected: Detected) -> tuple[str, ...]:
    used = set(detected.columns.values())
    return tuple(name for i, name in enumerate(layout.names) if i not in used and name)
