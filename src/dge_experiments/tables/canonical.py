"""The statistics of a table in limma's columns and units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.tables import units
from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.files.source import Facts
from dge_experiments.tables.headers.columns import percent
from dge_experiments.tables.headers.detection import Reading
from dge_experiments.tables.headers.dialect import matches
from dge_experiments.tables.table import CANONICAL

HUGE = 1e300  # Cufflinks writes an infinite fold as 1.79769e+308
FIXED = {"p": "P.Value", "neg_log10_p": "P.Value", "adjusted_p": "adj.P.Val", "log_odds": "B"}


@dataclass(frozen=True)
class Statistics:
    """All rows of a table, before any is dropped.

    Attributes
    ----------
    columns : canonical name -> values, float64, missing as NaN, in the order of ``CANONICAL``
    effect : the effect in the file's own units, or None
    effect_scale, scale_from : of the effect in the file, and whether it was ``declared``, ``named`` or
        ``assumed``
    statistic : canonical name of the statistic, or None
    headers : canonical name -> header in the file
    derived : canonical name -> formula, for what is not as in the file
    empty : headers of recognised columns without a single value, which are left out
    ids : gene ids as in the file, or None
    groups : group of each row, or None
    lines : line of the file for each row
    """

    columns: dict[str, Floats]
    effect: Floats | None
    effect_scale: str | None
    scale_from: str
    statistic: str | None
    headers: Mapping[str, str]
    derived: Mapping[str, str]
    empty: tuple[str, ...]
    ids: "pd.Series[Any] | None"
    groups: "pd.Series[Any] | None"
    lines: "range | np.ndarray[Any, np.dtype[np.int64]]"

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def signed(self) -> bool | None:
        """Whether the statistic has a direction; None without one."""
        return None if self.statistic is None else self.statistic == "t"


def canonical(
    facts: Facts,
    reading: Reading,
    values: dict[int, Floats],
    ids: "pd.Series[Any] | None",
    groups: "pd.Series[Any] | None",
    lines: "range | np.ndarray[Any, np.dtype[np.int64]]",
    derive: bool = False,
) -> Statistics:
    """Name the loaded columns canonically and bring them to canonical units.

    ``derive`` adds ``t = logFC / SE`` where the table has no statistic.
    """
    dialect, role_of = reading.dialect, dict(reading.columns)
    empty = {r: i for r, i in role_of.items() if i in values and _blank(values[i])}
    roles = {r: i for r, i in role_of.items() if i in values and r not in empty}
    found: dict[str, Floats] = {}
    headers: dict[str, str] = {}
    derived: dict[str, str] = {}

    def put(name: str, role: str, column: Floats, formula: str | None = None) -> None:
        found[name], headers[name] = column, facts.headers[roles[role]]
        if formula:
            derived[name] = formula

    effect, scale, source, statistic = None, None, "", None
    if "effect" in roles:
        header = facts.headers[roles["effect"]]
        effect = values[roles["effect"]]
        if max(np.fmax.reduce(effect), -np.fmin.reduce(effect)) > HUGE:
            effect = np.where(np.abs(effect) > HUGE, np.copysign(np.inf, effect), effect)
        declared = "by_header" if "effect" in reading.mapped else _declared(reading, header)
        scale, source = units.effect_scale(declared, header, effect)
        put("logFC", "effect", *units.effect_log2(effect, scale, header))
    if "mean" in roles:
        header = facts.headers[roles["mean"]]
        declared = dialect.mean_scale if _own(reading, "mean", header) else "by_header"
        put("AveExpr", "mean", *units.mean_log2(values[roles["mean"]], declared, header))
    if "statistic" in roles:
        header, column = facts.headers[roles["statistic"]], values[roles["statistic"]]
        declared = dialect.statistic if _own(reading, "statistic", header) else "by_header"
        statistic = "t" if reading.target_is_t else units.statistic_name(declared, header, column, effect)
        put(statistic, "statistic", column)
    for role, name in FIXED.items():
        if role in roles:
            column, header = values[roles[role]], facts.headers[roles[role]]
            if role == "neg_log10_p":
                put(name, role, 10.0 ** -np.abs(column), f"10^-|{header}|")
            elif role != "log_odds" and percent(header):
                put(name, role, column / 100, f"{header} / 100")
            else:
                put(name, role, column)
    if "se" in roles and scale != "linear":
        factor = units.PER_LOG2[scale or "log2"]
        header = facts.headers[roles["se"]]
        put("SE", "se", values[roles["se"]] / factor if factor != 1 else values[roles["se"]])
        if factor != 1:
            derived["SE"] = f"{header} / {'ln' if scale == 'ln' else 'log10'} 2"
    if derive and "SE" in found and "logFC" in found and statistic is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            found["t"] = found["logFC"] / found["SE"]
        statistic, headers["t"], derived["t"] = "t", headers["SE"], "logFC / SE"
    return Statistics(
        columns={name: found[name] for name in CANONICAL if name in found},
        effect=effect,
        effect_scale=scale,
        scale_from=source,
        statistic=statistic,
        headers=headers,
        derived=derived,
        empty=tuple(facts.headers[i] for i in empty.values()),
        ids=ids,
        groups=groups,
        lines=lines,
    )


def _blank(values: Floats) -> bool:
    return bool(np.isnan(values[:100]).all() and np.isnan(values).all())


def _declared(reading: Reading, header: str) -> str:
    return reading.dialect.effect_scale if _own(reading, "effect", header) else "by_header"


def _own(reading: Reading, role: str, header: str) -> bool:
    """Whether the dialect itself has this header for the role (else the generic words gave it)."""
    return any(matches(name, header) for name in reading.dialect.columns.get(role, ()))
