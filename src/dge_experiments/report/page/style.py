"""What all figures share: colours for colour-blind readers, a layout without its own colours, safe text."""

import html
from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go

BLUE, ORANGE, GREEN, PINK, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8A939C"  # Okabe & Ito 2008
INK = "#101418"  # the page draws it in the colour of its text, light or dark
PALETTE = (BLUE, ORANGE, GREEN, PINK, "#B8860B", "#4C9BD6", "#7A5195", GREY)


MEANING = {"down": BLUE, "up": ORANGE, "ns": GREY}


def class_colours(names: Iterable[object]) -> dict[str, str]:
    """Colour of each class: fixed ones for up and down, the palette's for the others."""
    other_colours = iter(c for c in PALETTE * 9 if c not in (BLUE, ORANGE))
    labels = [str(name) for name in names]
    if not set(labels) & set(MEANING):
        return dict(zip(labels, PALETTE * 9, strict=False))
    return {name: MEANING.get(name) or next(other_colours) for name in labels}


def plain(text: object) -> str:
    """Text that Plotly, which reads a subset of HTML, shows unchanged."""
    return html.escape(str(text), quote=False)


def plains(texts: Iterable[object]) -> list[str]:
    """Each of ``texts`` as :func:`plain` gives it."""
    return [plain(text) for text in texts]


def figure(traces: list[Any], height: int = 360, **layout: Any) -> go.Figure:
    """A figure with the colours of the page, light, dark, or printed, except for its traces."""
    legend = len(traces) > 1 or bool(layout.get("showlegend"))
    shared = {
        "template": {},
        "height": height,
        "margin": {"l": 10, "r": 16, "t": 44 if legend else 14, "b": 10},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    }
    return go.Figure(traces, layout={**shared, **layout})


def whiskers(above: Any, below: Any, **style: Any) -> dict[str, Any]:
    """Error bars that reach ``above`` and ``below`` a value, both as distances from it."""
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, **style}


def log_axis(title: str, values: Sequence[float]) -> dict[str, Any]:
    """A logarithmic axis of positive ``values``: a tick at each power of ten, or at 1, 2, 5 where there are few powers,
    or Plotly's own ticks where that gives fewer than two."""
    low, *_, high = sorted([*values, *values])
    digits = (1, 2, 5) if high < 100 * low else (1,)
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    ticks = [digit * 10.0**power for power in powers for digit in digits]
    visible = [tick for tick in ticks if 0.9 * low <= tick <= 1.1 * high]
    axis = {"title": {"text": title}, "type": "log"}
    return (
        axis if len(visible) < 2 else {**axis, "tickvals": visible, "ticktext": [f"{t:g}" for t in visible]}
    )


def spanned(values: Iterable[float]) -> dict[str, Any]:
    """The range of an axis whose values are all equal (Plotly's would run from 0 to twice the value); else empty."""
    distinct = {value for value in values if value == value}
    (only,) = distinct if len(distinct) == 1 else (None,)
    return {} if only is None else {"range": [only - 0.05, only + 0.05]}


def rows_high(rows: int, least: int = 200) -> int:
    """Height in pixels of a figure with one row per feature."""
    return max(least, 110 + 30 * rows)


def across(traces: list[Any], rows: int, axis: str, **layout: Any) -> go.Figure:
    """Horizontal marks, one row per feature, the first on top."""
    return figure(
        traces,
        rows_high(rows),
        **{"xaxis": {"title": {"text": axis}}, "yaxis": {"autorange": "reversed"}, **layout},
    )
