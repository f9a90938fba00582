"""Figures of lines, one per feature: conditional dominance, LASSO path, stability path. Nothing is computed here."""

from math import log10
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.page.style import GREEN, GREY, INK, PALETTE, figure, log_axis, plain

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "triangle-down", "star", "hexagon")


def conditional_dominance(frame: pd.DataFrame) -> go.Figure:
    """Mean ``contribution`` of each ``feature`` to models that have ``size`` features already."""
    return figure(
        _lines(frame, "size", "contribution"),
        xaxis={"title": {"text": "features already in the model"}, "dtick": 1},
        yaxis={"title": {"text": "mean R² added"}},
    )


def lasso_path(coefficients: pd.DataFrame, chosen: float | None) -> go.Figure:
    """``coefficient`` of each ``feature`` against ``C``; a line at the ``chosen`` C."""
    shapes = [] if chosen is None else [_upright(chosen)]
    notes = [] if chosen is None else [_note(chosen, f"chosen C = {chosen:.3g}")]
    return figure(
        _lines(coefficients, "C", "coefficient"),
        shapes=shapes,
        annotations=notes,
        xaxis=log_axis("C (the penalty weakens to the right)", [*coefficients["C"]]),
        yaxis={"title": {"text": "log-odds per standard deviation"}},
    )


def stability_path(path: pd.DataFrame, region: pd.DataFrame, threshold: float) -> go.Figure:
    """Selection ``frequency`` of each ``feature`` against ``C``; shaded: the ``used`` part of the path."""
    used = region.loc[region["used"], "C"]
    shapes: list[dict[str, Any]] = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": threshold,
            "y1": threshold,
            "line": {"color": GREY, "dash": "dash"},
        }
    ]
    if len(used):
        shapes.append(
            {
                "type": "rect",
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "x0": used.min(),
                "x1": used.max(),
                "fillcolor": GREEN,
                "opacity": 0.12,
                "line": {"width": 0},
            }
        )
    return figure(
        _lines(path, "C", "frequency"),
        shapes=shapes,
        xaxis=log_axis("C (the penalty weakens to the right)", [*path["C"]]),
        yaxis={
            "title": {"text": "share of halves that select it"},
            "range": [-0.03, 1.05],
            "tickformat": ".0%",
        },
    )


def _lines(frame: pd.DataFrame, x: str, y: str) -> list[go.Scatter]:
    """One line per feature; with several classes, each has its own dash pattern."""
    classes = list(dict.fromkeys(frame["class"])) if "class" in frame else [None]
    dashes = dict(zip(classes, ("solid", "dash", "dot", "dashdot", "longdash"), strict=False))
    traces = []
    looks = zip(PALETTE * 8, SYMBOLS * 8, strict=False)
    for (colour, symbol), (feature, points) in zip(looks, frame.groupby("feature", sort=False), strict=False):
        for name in classes:
            line = points if name is None else points[points["class"] == name]
            several = len(classes) > 1
            traces.append(
                go.Scatter(
                    x=line[x],
                    y=line[y],
                    mode="lines+markers",
                    name=plain(feature),
                    legendgroup=plain(feature),
                    showlegend=name == classes[0],
                    line={"color": colour, "width": 2, "dash": dashes.get(name, "solid")},
                    marker={"size": 7, "symbol": symbol},
                    hovertemplate=f"%{{fullData.name}}{plain(f', {name}') if several else ''}: "
                    "%{y:.4f} at %{x:.4g}<extra></extra>",
                )
            )
    return traces


def _upright(x: float) -> dict[str, Any]:
    return {
        "type": "line",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": {"color": INK, "dash": "dot"},
    }


def _note(x: float, text: str) -> dict[str, Any]:
    return {
        "x": log10(x),
        "y": 1,
        "yref": "paper",
        "text": text,
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "top",
    }
