"""The statistics of a table in limma's columns and units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables import units
from dge_experiments.tables.effect import scale_of, sign_of, with_infinities
from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.headers.detected import Detected
from dge_experiments.tables.headers.dialect import LOGS
from dge_experiments.tables.table import CANONICAL

PROBABILITIES = {"p": "P.Value", "adjusted_p": "adj.P.Val"}
FEW = (
    10  # values outside [0, 1] that may be errors; with more, or with half, the column holds no probabilities
)


@dataclass(frozen=True)
class Statistics:
    """All rows of a table, before any is dropped.

    Attributes
    ----------
    columns : canonical name -> values, float64, missing as NaN, in the order of ``CANONICAL``
    effect : the effect in the file's own units, or None
    effect_scale, scale_from : of the effect in the file, and whether it was ``declared``, ``given`` by the caller,
        ``named`` by the header, shown by a column of ``folds``, or ``assumed``
    statistic : canonical name of the statistic, or None
    headers : canonical name -> header in the file
    derived : canonical name -> formula, for columns that were converted
    empty : headers of recognised columns without a single value, which are left out
    ids : gene ids as in the file, or None
    groups : group of each row, or None
    lines : line of the file for each row
    notations : header -> unusual notation of its numbers -> cells, as in `Numbers`
    """

    columns: Mapping[str, Floats]
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
    notations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def signed(self) -> bool | None:
        """Whether the statistic has a direction; None without one."""
        return None if self.statistic is None else self.statistic == "t"


@dataclass
class _Columns:
    """The canonical columns so far; ``put`` adds one, with its header and the formula if it was converted."""

    values: dict[str, Floats] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, header: str, values: Floats, formula: str | None = None) -> None:
        self.values[name], self.headers[name] = values, header
        if formula:
            self.derived[name] = formula


def canonical(
    layout: Layout,
    detected: Detected,
    values: Mapping[int, Floats],
    texts: "Mapping[int, pd.Series[Any]]",
    lines: "range | np.ndarray[Any, np.dtype[np.int64]]",
    *,
    derive: bool = False,
    notations: Mapping[str, Mapping[str, int]],
) -> Statistics:
    """Name the loaded columns canonically and bring them to canonical units.

    ``derive`` adds ``t = logFC / SE`` where the table has no statistic.

    Raises
    ------
    BadInput
        no column has a value, effects without a sign, or values outside [0, 1] in a column of probabilities
    """
    positions = {role: i for role, i in detected.columns.items() if i in values}
    empty = tuple(layout.headers[i] for i in positions.values() if _blank(values[i]))
    roles = {role: (layout.headers[i], values[i]) for role, i in positions.items() if not _blank(values[i])}
    if not roles:
        raise BadInput(f"{layout.file}: no row has a number in {', '.join(map(repr, empty))}")
    columns = _Columns()
    effect, scale, source = None, None, ""
    if "effect" in roles:
        header, effect = roles["effect"]
        effect = with_infinities(effect)
        scale, source = scale_of(detected, header, effect)
        sign = sign_of(layout, detected, texts, scale, header, effect)
        columns.put("logFC", header, *units.effect_log2(effect, scale, header, sign))
    if "mean" in roles:
        header, mean = roles["mean"]
        columns.put("AveExpr", header, *units.mean_log2(mean, detected.declared("mean", header), header))
    statistic = None
    if "statistic" in roles:
        header, statistic_values = roles["statistic"]
        statistic = _statistic_name(detected, header, statistic_values, effect)
        columns.put(statistic, header, statistic_values)
    _put_probabilities(columns, layout, roles, notations)
    if "log_odds" in roles:
        columns.put("B", *roles["log_odds"])
    if "se" in roles and scale != "linear":
        header, se = roles["se"]
        columns.put("SE", header, *units.effect_log2(se, scale or "log2", header))
    if derive and "SE" in columns.values and "logFC" in columns.values and statistic is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic, t = "t", columns.values["logFC"] / columns.values["SE"]
        columns.put("t", columns.headers["SE"], t, "logFC / SE")
    return Statistics(
        columns={name: columns.values[name] for name in CANONICAL if name in columns.values},
        effect=effect,
        effect_scale=scale,
        scale_from=source,
        statistic=statistic,
        headers=columns.headers,
        derived=columns.derived,
        empty=empty,
        ids=texts.get(detected.columns.get("id", -1)),
        groups=texts.get(detected.columns.get("group", -1)),
        lines=lines,
        notations=notations,
    )


def _put_probabilities(
    columns: _Columns,
    layout: Layout,
    roles: Mapping[str, tuple[str, Floats]],
    notations: Mapping[str, Mapping[str, int]],
) -> None:
    """Add P.Value and adj.P.Val, from the values or from their -log10."""
    for role, name in PROBABILITIES.items():
        log = next(log for log, plain in LOGS.items() if plain == role)
        if role in roles or log in roles:
            header, p = roles.get(role) or roles[log]
            columns.put(
                name, header, *_probability(layout, header, p, role not in roles, notations.get(header, {}))
            )


def _statistic_name(detected: Detected, header: str, statistic: Floats, effect: Floats | None) -> str:
    if detected.target_is_t:
        return "t"
    return units.statistic_name(detected.declared("statistic", header), header, statistic, effect)


def _blank(values: Floats) -> bool:
    return bool(np.isnan(values[:100]).all() and np.isnan(values).all())


def _probability(
    layout: Layout, header: str, values: Floats, log: bool, notations: Mapping[str, int]
) -> tuple[Floats, str | None]:
    """Probabilities, and the formula if they were converted.

    Raises
    ------
    BadInput
        too many values outside [0, 1] for slips
    """
    formula = None
    if log:
        values, formula = 10.0 ** -np.abs(values), f"10^-|{header}|"
    elif units.percent(header) and "percent" not in notations:
        values, formula = values / 100, f"{header} / 100"
    if np.fmin.reduce(values) < 0 or np.fmax.reduce(values) > 1:
        outside = (values < 0) | (values > 1)
        count, present = int(outside.sum()), int((~np.isnan(values)).sum())
        if (count >= FEW and count > present / 100) or count > present / 2:
            raise BadInput(
                f"{layout.file}: column {header!r} is read as p values, and {count:,} of {present:,} lie outside "
                f"[0, 1], such as {values[outside][0]:g}: name the right one (data.columns.p, "
                "data.columns.adjusted_p), or write the transform in its header, such as -log10(padj)"
            )
    return values, formula
