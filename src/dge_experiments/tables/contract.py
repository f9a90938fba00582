"""The contract of a results table: what is checked on every load, and reported, never silently mended."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dge_experiments.tables.canonical import Statistics
from dge_experiments.tables.numbers import Floats
from dge_experiments.tables.table import Finding, Severity

MISSING = {
    "logFC": "effect_missing", "AveExpr": "mean_missing", "P.Value": "p_missing",
    "adj.P.Val": "adjusted_p_missing",
    "B": "log_odds_missing", "SE": "se_missing",
}  # fmt: skip
ENOUGH = 10
ROUNDED = 0.011


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


def _finding(table: Statistics, code: str, severity: Severity, mask: Any, text: str) -> Iterator[Finding]:
    where = np.flatnonzero(mask)
    if len(where):
        rows = tuple(int(table.lines[i]) for i in where[:5])
        yield Finding(code, severity, text.format(n=len(where), of=len(table)), len(where), rows)


def _present(table: Statistics) -> Iterator[Finding]:
    for header in table.empty:
        yield Finding(
            "empty_column", "warning", f"column {header!r} has no value at all: left out", len(table)
        )
    for name, values in table.columns.items():
        if np.isfinite(values).all():
            continue
        text = f"{{n}} of {{of}} rows have no {table.headers[name]!r}"
        if name == "adj.P.Val" and "P.Value" in table.columns:
            tested = int((np.isnan(values) & ~np.isnan(table.columns["P.Value"])).sum())
            text += (
                f", {tested} of them with a p value (as DESeq2's independent filtering leaves them)"
                if tested
                else ""
            )
        yield from _finding(table, MISSING.get(name, "statistic_missing"), "warning", np.isnan(values), text)
        if name != "logFC":
            yield from _finding(
                table,
                "inf_values",
                "warning",
                np.isinf(values),
                f"{{n}} infinite values in {table.headers[name]!r}",
            )


def _probabilities(table: Statistics) -> Iterator[Finding]:
    for name, code in (("P.Value", "p"), ("adj.P.Val", "adjusted_p")):
        if name not in table.columns:
            continue
        p, header = table.columns[name], table.headers[name]
        yield from _finding(
            table,
            f"{code}_outside",
            "error",
            (p < 0) | (p > 1),
            f"{{n}} values of {header!r} lie outside [0, 1]",
        )
        yield from _finding(
            table,
            f"{code}_zero",
            "info",
            p == 0,
            f"{{n}} values of {header!r} are 0 (underflow): kept as they are",
        )
    if not {"P.Value", "adj.P.Val"} <= set(table.columns):
        return
    p, adjusted = table.columns["P.Value"], table.columns["adj.P.Val"]
    less = adjusted < p * (1 - ROUNDED)
    yield from _finding(
        table, "adjusted_below_p", "error", less, "{n} adjusted p values are smaller than their p value"
    )


def _adjustment(table: Statistics) -> Iterator[Finding]:
    for name, limit in (("adj.P.Val", 0.1), ("P.Value", 0.05)):
        p = table.columns.get(name, np.array([np.nan]))
        n = int((~np.isnan(p)).sum())
        if n >= ENOUGH and float(np.nanmax(p)) <= limit:
            text = f"only significant genes: the largest {table.headers[name]!r} is {np.nanmax(p):.3g}"
            yield Finding("only_significant", "warning", text, n)
            break
    if not {"P.Value", "adj.P.Val"} <= set(table.columns):
        return
    p, adjusted = table.columns["P.Value"], table.columns["adj.P.Val"]
    both = ~(np.isnan(p) | np.isnan(adjusted))
    groups = table.groups.to_numpy(dtype=object)[both] if table.groups is not None else None
    if not both.all():
        p, adjusted = p[both], adjusted[both]
    if len(p) < 2 or ((p < 0) | (p > 1)).any() or _is_bh(p, adjusted) or _is_bh_within(p, adjusted, groups):
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
    """Whether the sorted columns agree as Benjamini and Hochberg's step-up says, and a thousand rows do."""
    some = slice(None, None, max(1, len(p) // 1000))
    expected = np.sort(p)
    ranks = np.searchsorted(expected, p[some])
    expected *= len(p)
    expected /= np.arange(1, len(p) + 1)
    np.minimum.accumulate(expected[::-1], out=expected[::-1])
    np.minimum(expected, 1.0, out=expected)
    return _close(adjusted[some], expected[ranks]) and _close(np.sort(adjusted), expected)


def _close(found: Floats, expected: Floats) -> bool:
    """Whether the numbers agree but for rounding; ``found`` is overwritten."""
    off = np.subtract(found, expected, out=found if found.base is None else None)
    np.abs(off, out=off)
    return bool((off <= ROUNDED * expected + 1e-300).all())


def _is_bh_within(p: Floats, adjusted: Floats, groups: Any) -> bool:
    return groups is not None and all(
        _is_bh(p[groups == g], adjusted[groups == g]) for g in dict.fromkeys(groups)
    )


def _bonferroni(p: Floats, adjusted: Floats) -> float | None:
    """The constant that p was multiplied with, if there is one."""
    some = slice(None, None, max(1, len(p) // 100_000))
    p, adjusted = p[some], adjusted[some]
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
    infinite = np.isinf(log)
    yield from _finding(table, "inf_effects", "warning", infinite, f"{{n}} infinite effects in {header!r}")
    yield from _finding(
        table,
        "zero_effects",
        "info",
        log == 0,
        f"{{n}} effects in {header!r} are exactly 0: neither up nor down",
    )
    if table.scale_from == "assumed":
        text = f"the scale of {header!r} is not said: read as {table.effect_scale}"
        yield Finding("effect_scale_assumed", "warning", text, len(table))
    if table.effect_scale == "linear":
        yield Finding(
            "linear_fold", "info", f"{header!r} is a linear fold change: converted to log2", len(table)
        )
    finite = np.isfinite(effect) & ~infinite
    count = int(finite.sum())
    if count < ENOUGH:
        return
    inside = finite & (np.abs(effect) < 1)
    if not (inside & (effect != 0)).any():
        text = f"no effect in {header!r} lies inside (-1, 1): a cut list, or a linear fold change"
        yield Finding("effect_cut", "info" if table.effect_scale == "linear" else "warning", text, count)
    if (log[finite] > 0).all() or (log[finite] < 0).all():
        side = "positive" if (log[finite] > 0).all() else "negative"
        text = f"all effects in {header!r} are {side} (such as only.pos markers): direction has one class"
        yield Finding("one_sided_effects", "warning", text, count)


def _signs(table: Statistics) -> Iterator[Finding]:
    if table.statistic != "t" or table.effect is None or "t" in table.derived:
        return
    t, log = table.columns["t"], table.columns["logFC"]
    against = np.sign(t) * np.sign(log) < 0
    count, of = int(against.sum()), int((np.isfinite(t) & np.isfinite(log)).sum())
    if count:
        t_name, name = table.headers["t"], table.headers["logFC"]
        text = f"in {{n}} of {of} rows the sign of {t_name!r} is not that of {name!r}"
        many = " (scanpy on scaled data does this)" if count > 0.05 * of else ""
        yield from _finding(table, "sign_disagrees", "warning", against, text + many)
