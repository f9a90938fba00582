"""The contract of a results table: what is checked on every load and reported, never silently corrected."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.tables.canonical import Statistics
from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.table import Finding, Severity

MISSING = {
    "logFC": "effect_missing", "AveExpr": "mean_missing", "P.Value": "p_missing",
    "adj.P.Val": "adjusted_p_missing",
    "B": "log_odds_missing", "SE": "se_missing",
}  # fmt: skip
ENOUGH = 10  # with fewer rows nothing is concluded from their range
ROUNDED = 0.011  # relative error of values written with three digits
SMALL = 100_000  # so many p values are sorted; more are counted in bins, in a tenth of the time at 10^6 rows
CHECKED = 10_000  # of more p values, so many are checked
BIN = 52 - 9  # a bin keeps 9 bits of a double's mantissa; these are the other bits
CUT = 0.1  # a list whose largest p value is at most this was cut by p


def check(table: Statistics) -> Iterator[Finding]:
    """Findings about the statistics: p values, effects, and how the columns agree.

    Adjusted p values are compared with those of Benjamini & Hochberg 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    yield from _present(table)
    yield from _probabilities(table)
    yield from _adjustment(table)
    yield from _effects(table)
    yield from _signs(table)


def _finding(
    table: Statistics, code: str, severity: Severity, mask: Any, what: str, then: str = ""
) -> Iterator[Finding]:
    """A finding that says ``what`` is true of the rows in ``mask``; none without such rows."""
    if mask.any():
        where = np.flatnonzero(mask)
        rows = tuple(int(table.lines[i]) for i in where[:5])
        yield Finding(code, severity, f"{what} in {len(where)} of {len(table)} rows{then}", len(where), rows)


def _present(table: Statistics) -> Iterator[Finding]:
    for header in table.empty:
        yield Finding(
            "empty_column", "warning", f"column {header!r} has no value at all: left out", len(table)
        )
    for name, values in table.columns.items():
        if np.isfinite(values).all():
            continue
        text, tested = f"no {table.headers[name]!r}", 0
        if name == "adj.P.Val" and "P.Value" in table.columns:
            tested = int((np.isnan(values) & ~np.isnan(table.columns["P.Value"])).sum())
        then = f", {tested} of them with a p value (as DESeq2's independent filtering leaves them)"
        code = MISSING.get(name, "statistic_missing")
        yield from _finding(table, code, "warning", np.isnan(values), text, then if tested else "")
        if name != "logFC":
            yield from _finding(
                table,
                "inf_values",
                "warning",
                np.isinf(values),
                f"{table.headers[name]!r} is infinite",
            )


def _probabilities(table: Statistics) -> Iterator[Finding]:
    for name, code in (("P.Value", "p"), ("adj.P.Val", "adjusted_p")):
        if name not in table.columns:
            continue
        p, header = table.columns[name], table.headers[name]
        low, high = _range(p)
        if low < 0 or high > 1:
            text = f"{header!r} is outside [0, 1]"
            yield from _finding(table, f"{code}_outside", "error", (p < 0) | (p > 1), text)
        if low <= 0:
            text = f"{header!r} is 0 (underflow)"
            yield from _finding(table, f"{code}_zero", "info", p == 0, text, ": kept as it is")
    if {"P.Value", "adj.P.Val"} <= set(table.columns):
        less = table.columns["adj.P.Val"] < table.columns["P.Value"] * (1 - ROUNDED)
        yield from _finding(table, "adjusted_below_p", "error", less, "adjusted p is smaller than p")


def _adjustment(table: Statistics) -> Iterator[Finding]:
    for name, limit in (("adj.P.Val", CUT), ("P.Value", CUT / 2)):
        if name not in table.columns or _range(table.columns[name])[1] > limit:
            continue
        n, top = int((~np.isnan(table.columns[name])).sum()), _range(table.columns[name])[1]
        if n >= ENOUGH:
            text = f"only significant genes: the largest {table.headers[name]!r} is {top:.3g}"
            yield Finding("only_significant", "warning", text, n)
            break
    if not {"P.Value", "adj.P.Val"} <= set(table.columns):
        return
    p, adjusted, groups = table.columns["P.Value"], table.columns["adj.P.Val"], table.groups
    with np.errstate(invalid="ignore"):
        gaps = bool(np.isnan(p.sum() + adjusted.sum()))
    if gaps:
        present = ~(np.isnan(p) | np.isnan(adjusted))
        p, adjusted, groups = p[present], adjusted[present], groups[present] if groups is not None else None
    if len(p) < 2 or _range(p)[0] < 0 or _range(p)[1] > 1:
        return
    if _is_bh(p, adjusted) or (groups is not None and _is_bh_within(p, adjusted, groups)):
        return
    factor = _bonferroni(p, adjusted)
    how = (
        f"they are Bonferroni's (p times about {factor:.0f})"
        if factor
        else "a filtered list, or another method"
    )
    text = f"{table.headers['adj.P.Val']!r} is not Benjamini-Hochberg of the {len(p)} rows present: {how}"
    yield Finding("adjusted_not_bh", "info" if factor else "warning", text, len(p))


def _is_bh(p: Floats, adjusted: Floats) -> bool:
    """Whether adjusted p is Benjamini and Hochberg's of all rows, apart from rounding."""
    if len(p) <= SMALL:
        from scipy.stats import false_discovery_control

        return _equal(adjusted, false_discovery_control(p))
    return _is_bh_by_bins(p, adjusted)


def _equal(adjusted: Floats, expected: Floats) -> bool:
    return bool((np.abs(adjusted - expected) <= ROUNDED * expected + 1e-300).all())


def _is_bh_by_bins(p: Floats, adjusted: Floats) -> bool:
    """The same on 10,000 evenly spaced rows; p is counted in bins 0.2 % wide, and a bin counts with its last rank."""
    spaced = slice(None, None, max(1, len(p) // CHECKED))
    bins = (p + 0.0).view(np.int64) >> BIN  # adding 0 takes the sign from -0
    ranks = np.cumsum(np.bincount(bins))
    expected = (np.arange(len(ranks)) << BIN).view(np.float64) * (1 + 2**-10) / np.maximum(ranks, 1)
    np.minimum.accumulate(expected[::-1], out=expected[::-1])
    return _equal(adjusted[spaced], np.minimum(expected[bins[spaced]] * len(p), 1.0))


def _is_bh_within(p: Floats, adjusted: Floats, groups: "pd.Series[Any]") -> bool:
    labels = groups.to_numpy(dtype=object)
    return all(_is_bh(p[labels == g], adjusted[labels == g]) for g in dict.fromkeys(labels))


def _bonferroni(p: Floats, adjusted: Floats) -> float | None:
    """The constant that p was multiplied by, if there is one."""
    spaced = slice(None, None, max(1, len(p) // 100_000))
    p, adjusted = p[spaced], adjusted[spaced]
    inside = (p > 1e-290) & (adjusted > 0) & (adjusted < 1)
    if inside.sum() < 2:
        return None
    ratio = adjusted[inside] / p[inside]
    factor = float(np.median(ratio))
    return factor if factor >= 1.5 and np.allclose(ratio, factor, rtol=ROUNDED) else None


def _effects(table: Statistics) -> Iterator[Finding]:
    if table.effect is None:
        yield Finding("no_effect", "warning", "no column holds an effect: there is no direction", len(table))
        return
    effect, log, header = table.effect, table.columns["logFC"], table.headers["logFC"]
    low, high = _range(log)
    if np.isinf(low) or np.isinf(high):
        yield from _finding(table, "inf_effects", "warning", np.isinf(log), f"{header!r} is infinite")
    text, then = f"{header!r} is exactly 0", ": neither up nor down"
    yield from _finding(table, "zero_effects", "info", log == 0, text, then)
    if table.scale_from == "assumed":
        text = f"the scale of {header!r} is not said: read as {table.effect_scale}"
        yield Finding("effect_scale_assumed", "warning", text, len(table))
    if table.effect_scale == "linear":
        text = f"{header!r} is a linear fold change: converted to log2"
        yield Finding("linear_fold", "info", text, len(table))
    if len(log) < ENOUGH:
        return
    if not (_fraction(effect[:1000]) or _fraction(effect)):
        yield _effect_cut(table, header)
    if low > 0 or high < 0:
        side = "positive" if low > 0 else "negative"
        text = f"all effects in {header!r} are {side} (such as only.pos markers): direction has one class"
        yield Finding("one_sided_effects", "warning", text, len(log))


def _effect_cut(table: Statistics, header: str) -> Finding:
    """No effect lies inside (-1, 1): log fold changes cut at 1, or linear fold changes."""
    text = f"no effect in {header!r} lies inside (-1, 1): a cut list, or a linear fold change"
    tops = [_range(table.columns[name])[1] for name in ("P.Value", "adj.P.Val") if name in table.columns]
    doubtful = table.effect_scale != "linear" or (
        table.scale_from == "named" and bool(tops) and min(tops) <= CUT
    )
    if doubtful and table.effect_scale == "linear":
        text += "; read as linear: if it is a logarithm, say data.columns.effect_scale=log2"
    return Finding("effect_cut", "warning" if doubtful else "info", text, len(table))


def _fraction(effect: Floats) -> bool:
    """Whether any effect other than 0 lies inside (-1, 1)."""
    return bool(((np.abs(effect) < 1) & (effect != 0)).any())


def _range(values: Floats) -> tuple[float, float]:
    """Smallest and largest value, without missing ones."""
    return float(np.fmin.reduce(values)), float(np.fmax.reduce(values))


def _signs(table: Statistics) -> Iterator[Finding]:
    if table.statistic != "t" or table.effect is None or "t" in table.derived:
        return
    t, log = table.columns["t"], table.columns["logFC"]
    against = ((t < 0) & (log > 0)) | ((t > 0) & (log < 0))
    count = int(against.sum())
    if count:
        compared = int((~np.isnan(t) & ~np.isnan(log)).sum())
        t_name, name = table.headers["t"], table.headers["logFC"]
        text = f"the sign of {t_name!r} is not that of {name!r}"
        explanation = " (scanpy on scaled data does this)" if count > 0.05 * compared else ""
        yield from _finding(table, "sign_disagrees", "warning", against, text, explanation)
