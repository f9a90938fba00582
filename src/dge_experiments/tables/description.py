"""A table described as plain data, for the command ``inspect``."""

from dataclasses import asdict
from typing import Any

from dge_experiments.tables.checks.pvalues import health
from dge_experiments.tables.table import ROLES, Table


def describe(table: Table) -> dict[str, Any]:
    """Describe a table that was read, ready for JSON.

    Returns
    -------
    dict with the keys ``file format delimiter encoding sheet rows genes dialect columns unread numeric effect_scale
    statistic_signed p_values findings targets``; ``unread`` are the columns without a role and ``numeric`` those of
    them that hold numbers (``features.extra`` makes them features); ``columns`` maps each role to its header in the
    file or None (the unnamed first column is "", a column of a file without header its number); ``rows`` counts those
    of the file, before rows with missing values were dropped; ``p_values`` is a `Health`; a finding has ``code severity
    message count rows``.
    """
    return {
        "file": table.path,
        "format": table.format,
        "delimiter": table.delimiter,
        "encoding": table.encoding,
        "sheet": table.sheet,
        "rows": table.rows,
        "genes": table.genes,
        "dialect": table.dialect,
        "columns": {role: table.roles.get(role) for role in ROLES},
        "unread": list(table.unread),
        "numeric": list(table.numeric),
        "effect_scale": table.effect_scale,
        "statistic_signed": table.statistic_signed,
        "p_values": p_values(table),
        "findings": [asdict(finding) | {"rows": list(finding.rows)} for finding in table.findings],
        "targets": targets(table),
    }


def p_values(table: Table) -> dict[str, Any] | None:
    """The shape of their histogram, the share of true nulls, the counts of 20 bins; None without p values."""
    return asdict(health(table.frame["P.Value"].to_numpy())) if "P.Value" in table.frame else None


def targets(table: Table) -> list[str]:
    """Which questions the table can answer.

    ``direction`` needs genes up and genes down, ``regulation`` adjusted p values as well, ``replication`` gene ids,
    effects and p values, ``column`` another column with 2 to 50 values.
    """
    frame, possible = table.frame, []
    two_sided = "logFC" in frame and bool((frame["logFC"] > 0).any() and (frame["logFC"] < 0).any())
    if two_sided:
        possible.append("direction")
    if "logFC" in frame and "adj.P.Val" in frame and len(frame) > 1:
        possible.append("regulation")
    if {"logFC", "P.Value"} <= set(frame.columns) and bool((frame["gene"] != "").any()):
        possible.append("replication")
    if table.labels:
        possible.append("column")
    return possible
