"""Figures of explanations: a frame in, a Plotly figure out. Nothing is computed here."""

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.page.style import BLUE, INK, ORANGE, across, figure, plains, whiskers

SENSES = {"": 0, "general": 1, "conditional": 2, "complete": 3}
SHORT = {"general": "gen.", "conditional": "cond.", "complete": "compl."}


def importance(frame: pd.DataFrame, axis: str) -> go.Figure:
    """Horizontal bars of ``importance`` for each ``feature``, largest on top.

    Columns ``low`` and ``high``, where there are some, are its interval; ``cover`` is a second bar.
    """
    ordered = frame.sort_values("importance", ascending=False, kind="stable")
    error = None
    if {"low", "high"} <= set(frame):
        error = whiskers(
            (ordered["high"] - ordered["importance"]).clip(lower=0),
            (ordered["importance"] - ordered["low"]).clip(lower=0),
            color=INK,
        )
    series = {"importance": ("gain", BLUE), "cover": ("cover", ORANGE)}
    bars = [
        go.Bar(
            x=ordered[column],
            y=plains(ordered["feature"]),
            orientation="h",
            name=name,
            marker_color=colour,
            error_x=error if column == "importance" else None,
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
        )
        for column, (name, colour) in series.items()
        if column in ordered
    ]
    return across(bars, len(ordered), axis)


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


def dominates(senses: pd.DataFrame) -> go.Figure:
    """The sense in which the feature of a row dominates the feature of a column: one of the keys of ``SENSES``."""
    return figure(
        [
            go.Heatmap(
                z=senses.replace(SENSES).to_numpy(dtype=float),
                x=plains(senses.columns),
                y=plains(senses.index),
                text=senses.replace(SHORT).to_numpy(),
                customdata=senses.to_numpy(),
                texttemplate="%{text}",
                colorscale=[[0, "#f1f5f9"], [0.33, "#cfe0ef"], [0.67, "#8fbbdd"], [1, BLUE]],
                zmin=0,
                zmax=3,
                xgap=2,
                ygap=2,
                showscale=False,
                hovertemplate="%{y} over %{x}: %{customdata}<extra></extra>",
            )
        ],
        max(240, 90 + 36 * len(senses)),
        yaxis={"autorange": "reversed"},
        xaxis={"side": "top", "title": {"text": "dominated"}},
        margin={"l": 10, "r": 16, "t": 34, "b": 10},
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
                "title": {"text": "value", "font": {"size": 13}},
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
            name="cumulative",
            mode="lines+markers",
            marker_color=ORANGE,
        ),
    ]
    return figure(traces, 300, yaxis={"title": {"text": "share of variance"}, "tickformat": ".0%"})
