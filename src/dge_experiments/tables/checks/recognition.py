"""Findings about the recognition of the columns that the user should know."""

from collections.abc import Iterator, Sequence

from dge_experiments.tables import units
from dge_experiments.tables.canonical import Statistics
from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.headers.detected import Detected
from dge_experiments.tables.table import Finding, Severity

NOTATIONS: dict[str, tuple[Severity, str]] = {
    "bound": ("warning", "as a bound such as <0.001: read as the bound"),
    "percent": ("info", "in percent: divided by 100"),
    "power": ("info", "as powers of ten such as 3.1 × 10⁻⁵"),
    "marked": ("info", "with marks of significance such as ***: left out"),
}


def check(
    layout: Layout,
    detected: Detected,
    table: Statistics,
    requested_sheet: str | None,
    footnotes: Sequence[str],
) -> Iterator[Finding]:
    """Findings about sheet, header, notations of numbers, and columns whose values do not fit their names.

    ``requested_sheet`` is the sheet that the user named, ``footnotes`` are lines that are no rows.
    """
    if layout.sheet is not None and layout.other_sheets and requested_sheet is None:
        other_sheets = ", ".join(map(repr, layout.other_sheets))
        text = f"sheet {layout.sheet!r} was read; the workbook also has {other_sheets}"
        yield Finding("sheet_chosen", "warning", text)
    if layout.headerless:
        why = detected.why or "the columns are as data.columns says"
        yield Finding("no_header", "warning", f"the file has no header: {why}")
    if detected.target_is_t:
        text = "column 'target' holds t (its sign is the sign of the effect in every row): read as t"
        yield Finding("target_is_t", "warning", text, len(layout.sample))
    for role, (header, why) in detected.unread.items():
        text = f"column {header!r} is named like the {role.replace('_', ' ')}, but {why}: not read"
        yield Finding("column_unread", "warning", text, len(table))
    if detected.unrelated is not None:
        text = f"column {detected.unrelated!r} is named like a statistic but does not follow the p values: not read"
        yield Finding("statistic_unrelated", "warning", text, len(table))
    for header, notations in table.notations.items():
        for notation, cells in notations.items():
            severity, how = NOTATIONS[notation]
            text = f"{header!r} is written {how} in {cells} of {len(table)} rows"
            yield Finding(f"written_{notation}", severity, text, cells)
    if footnotes:
        text = f"{len(footnotes)} lines are remarks and no rows, such as {footnotes[0][:60]!r}: left out"
        yield Finding("footnotes", "info", text, len(footnotes))
    yield from _effect(layout, detected, table)


def _effect(layout: Layout, detected: Detected, table: Statistics) -> Iterator[Finding]:
    """Findings about absolute effects and the logarithm of folds."""
    if "logFC" not in table.columns:
        return
    header = table.headers["logFC"]
    if table.derived.get("logFC", "").startswith("direction"):
        says = layout.headers[detected.columns["direction"]]
        text = f"{header!r} holds absolute effects: their sign is from {says!r}"
        yield Finding("direction_joined", "info", text, len(table))
    elif units.is_absolute(header):
        text = f"{header!r} holds absolute effects: all are read as up"
        yield Finding("effect_absolute", "error", text, len(table))
    if detected.fold is not None and detected.log_base == "none" and table.effect_scale != "linear":
        text = f"{header!r} is no logarithm of {layout.headers[detected.fold]!r}: one of them may be of something else"
        yield Finding("fold_disagrees", "warning", text, len(table))
    if detected.fold is not None and table.scale_from == "folds":
        text = f"{header!r} is the {table.effect_scale} of {layout.headers[detected.fold]!r}: read so"
        yield Finding("effect_scale_by_fold", "warning", text, len(table))
