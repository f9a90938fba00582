"""Figures of explanations: a frame in, a Plotly figure out. Nothing is computed here."""

from math import log10
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALETTE,
    across,
    figure,
    plain,
    plains,
)


def importance(frame: pd.DataFrame, axis: str, spread: str | None = None) -> go.Figure:
    """Horizontal bars of ``importance`` for each ``feature``, largest on top; ``spread`` names the error column."""
    ordered = frame.sort_values("importance", ascending=False, kind="stable")
    error = None if spread is None else {"type": "data", "array": ordered[spread], "color": INK}
    bars = go.Bar(
        x=ordered["importance"],
        y=plains(ordered["feature"]),
        orientation="h",
        marker_color=BLUE,
        error_x=error,
        hovertemplate="%{y}: %{x:.4f}<extra></extra>",
    )
    return across([bars], len(ordered), axis)


def ranks(frame: pd.DataFrame) -> go.Figure:
    """Rank of each ``feature`` by each method (the other columns but ``mean_rank``)."""
    methods = [c for c in frame.columns if c not in ("feature", "mean_rank")]
    return figure(
        [
            go.Heatmap(
                z=frame[methods].to_numpy(),
                x=plains(methods),
                y=plains(frame["feature"]),
                text=frame[methods].map("{:g}".format).to_numpy(),
                texttemplate="%{text}",
                colorscale=[[0, BLUE], [0.3, "#a9c9e4"], [1, "#f1f5f9"]],
                xgap=2,
                ygap=2,
                showscale=False,
                hovertemplate="%{y} is number %{text} by %{x}<extra></extra>",
            )
        ],
        max(240, 90 + 36 * len(frame)),
        yaxis={"autorange": "reversed"},
        xaxis={"side": "top"},
        margin={"l": 10, "r": 16, "t": 34, "b": 10},
    )


def dominance(general: pd.DataFrame) -> go.Figure:
    """Contributions of each ``feature`` to R²: ``general``, ``alone``, ``last``."""
    features = plains(general["feature"])
    traces = [
        go.Bar(
            x=general["general"],
            y=features,
            orientation="h",
            name="general dominance",
            marker_color=BLUE,
            error_x={"type": "data", "array": general["se"], "visible": bool(general["se"].any())},
            hovertemplate="%{y}: %{x:.4f}<extra>general</extra>",
        ),
        *(
            go.Scatter(
                x=general[column],
                y=features,
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 2, "color": colour}},
                hovertemplate="%{y}: %{x:.4f}<extra>%{fullData.name}</extra>",
            )
            for column, name, symbol, colour in (
                ("alone", "alone", "diamond", ORANGE),
                ("last", "added last", "line-ns-open", INK),
            )
        ),
    ]
    return across(traces, len(general), "cross-validated McFadden R²")


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
        xaxis={
            "title": {"text": "C (penalty weakens to the right)"},
            "type": "log",
            "exponentformat": "power",
        },
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
        xaxis={
            "title": {"text": "C (penalty weakens to the right)"},
            "type": "log",
            "exponentformat": "power",
        },
        yaxis={
            "title": {"text": "share of halves that select it"},
            "range": [-0.03, 1.05],
            "tickformat": ".0%",
        },
    )


def shap_strip(contributions: pd.DataFrame, unit: str) -> go.Figure:
    """One point per gene: ``contribution`` across, ``feature`` down (``place`` spreads them), colour is ``rank``.

    ``rank`` is the feature's value as a rank among the genes shown, from 0 to 1.
    """
    order = list(dict.fromkeys(contributions["feature"]))
    points = go.Scattergl(
        x=contributions["contribution"].to_numpy("float32"),
        y=contributions["place"].to_numpy("float32"),
        mode="markers",
        text=plains(contributions["gene"]),
        customdata=contributions["value"].to_numpy("float32"),
        marker={
            "size": 4,
            "opacity": 0.7,
            "color": contributions["rank"].to_numpy("float32"),
            "colorscale": [[0, BLUE], [0.5, "#9a86b4"], [1, ORANGE]],
            "cmin": 0,
            "cmax": 1,
            "colorbar": {
                "title": {"text": "value"},
                "tickvals": [0, 1],
                "ticktext": ["low", "high"],
                "thickness": 10,
            },
        },
        hovertemplate="%{text}: value %{customdata:.3g}, contribution %{x:.3f}<extra></extra>",
    )
    return figure(
        [points],
        max(280, 100 + 46 * len(order)),
        xaxis={"title": {"text": f"contribution, {unit}"}, "zeroline": True},
        yaxis={
            "tickvals": list(range(len(order))),
            "ticktext": plains(order),
            "range": [len(order) - 0.5, -0.5],
            "zeroline": False,
        },
    )


def loadings(frame: pd.DataFrame) -> go.Figure:
    """Bars of each ``feature``'s loading on PC1 and PC2."""
    bars = [
        go.Bar(y=plains(frame["feature"]), x=frame[name], name=name, marker_color=colour, orientation="h")
        for name, colour in (("PC1", BLUE), ("PC2", ORANGE))
        if name in frame
    ]
    return across(bars, len(frame), "loading", barmode="group")


def scree(variance: pd.DataFrame) -> go.Figure:
    """Bars of the share each ``component`` explains (``explained``), and the running sum (``cumulative``)."""
    traces = [
        go.Bar(x=variance["component"], y=variance["explained"], name="each", marker_color=BLUE),
        go.Scatter(
            x=variance["component"],
            y=variance["cumulative"],
            name="together",
            mode="lines+markers",
            marker_color=ORANGE,
        ),
    ]
    return figure(traces, 300, yaxis={"title": {"text": "share of variance"}, "tickformat": ".0%"})


def _lines(frame: pd.DataFrame, x: str, y: str) -> list[go.Scatter]:
    """One line per feature; of several classes one dash pattern each."""
    classes = list(dict.fromkeys(frame["class"])) if "class" in frame else [None]
    dashes = dict(zip(classes, ("solid", "dash", "dot", "dashdot", "longdash"), strict=False))
    traces = []
    for colour, (feature, mine) in zip(PALETTE * 8, frame.groupby("feature", sort=False), strict=False):
        for name in classes:
            line = mine if name is None else mine[mine["class"] == name]
            several = len(classes) > 1
            traces.append(
                go.Scatter(
                    x=line[x],
                    y=line[y],
                    mode="lines+markers",
                    name=plain(f"{feature}, class {name}" if several else feature),
                    line={"color": colour, "width": 2, "dash": dashes.get(name, "solid")},
                    marker={"size": 4},
                    hovertemplate="%{fullData.name}: %{y:.4f} at %{x:.4g}<extra></extra>",
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
