"""Figures of scores: a frame in, a Plotly figure out. Nothing is computed here."""

from collections.abc import Iterator

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.page.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALETTE,
    across,
    class_colours,
    figure,
    plain,
    plains,
    spanned,
    whiskers,
)

DIAGONAL = {"type": "line", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "line": {"color": GREY, "dash": "dash"}}
UNIT = {"range": [-0.02, 1.02]}


def score_bars(scores: pd.DataFrame) -> go.Figure:
    """``score`` of each ``metric``, one mark for each ``reading`` (model, constant answer, ...); ``low`` and ``high``
    are its interval, nan where there is none."""
    marks = iter((("circle", BLUE), ("diamond", ORANGE), ("square", PALETTE[2]), ("cross", PALETTE[3])))
    traces = []
    for name, rows in scores.groupby("reading", sort=False):
        symbol, colour = ("line-ns-open", GREY) if name == "constant answer" else next(marks)
        error = None
        if rows["low"].notna().any():
            above, below = rows["high"] - rows["score"], rows["score"] - rows["low"]
            error = whiskers(above.fillna(0), below.fillna(0))
        traces.append(
            go.Scatter(
                x=rows["score"],
                y=plains(rows["metric"]),
                mode="markers",
                name=plain(name),
                error_x=error,
                marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2, "color": colour}},
                hovertemplate="%{y} %{x:.4f}<extra>%{fullData.name}</extra>",
            )
        )
    return across(traces, scores["metric"].nunique(), "held-out score")


def confusion(counts: pd.DataFrame) -> go.Figure:
    """Counts of genes: rows true classes, columns predicted; shade is the share of the true class."""
    share = counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    return figure(
        [
            go.Heatmap(
                z=share.to_numpy(),
                x=[f"predicted {plain(c)}" for c in counts.columns],
                y=[f"true {plain(c)}" for c in counts.index],
                text=counts.to_numpy(),
                texttemplate="%{text:,}",
                textfont={"size": 16},
                colorscale=[[0, "#eef3f8"], [1, BLUE]],
                zmin=0,
                zmax=1,
                xgap=2,
                ygap=2,
                showscale=False,
                hovertemplate="%{y}, %{x}: %{text:,} genes, %{z:.1%} of the class<extra></extra>",
            )
        ],
        300,
        yaxis={"autorange": "reversed"},
    )


def roc(curves: pd.DataFrame) -> go.Figure:
    """``true_positive_rate`` against ``false_positive_rate`` of each ``class`` and ``reading``, with its ``auc``.

    Colours are classes; the first reading is solid, the second dotted.
    """
    traces = [
        go.Scatter(
            x=curve["false_positive_rate"],
            y=curve["true_positive_rate"],
            mode="lines",
            line={**style, "width": 2.5, "shape": "hv"},
            name=f"{name}: AUC {curve['auc'].iloc[0]:.3f}",
        )
        for name, style, curve in _curves(curves)
    ]
    return figure(
        traces,
        340 + 20 * len(traces),
        showlegend=True,
        shapes=[DIAGONAL],
        xaxis={"title": {"text": "false positive rate"}, **UNIT},
        yaxis={"title": {"text": "true positive rate"}, **UNIT},
    )


def precision_recall(curves: pd.DataFrame) -> go.Figure:
    """``precision`` against ``recall`` of each ``class`` and ``reading``; dashed: the class's ``prevalence``."""
    traces = []
    for name, style, curve in _curves(curves):
        average, prevalence = curve["average_precision"].iloc[0], curve["prevalence"].iloc[0]
        traces += [
            go.Scatter(
                x=curve["recall"],
                y=curve["precision"],
                mode="lines",
                line={**style, "width": 2.5, "shape": "vh"},
                name=f"{name}: {average:.3f} (prevalence {prevalence:.3f})",
            ),
            go.Scatter(
                x=[0, 1],
                y=[prevalence] * 2,
                mode="lines",
                line={"color": style["color"], "dash": "dash", "width": 1},
                name=f"prevalence {prevalence:.3f}",
                showlegend=False,
            ),
        ]
    return figure(
        traces,
        340 + 10 * len(traces),
        showlegend=True,
        xaxis={"title": {"text": "recall"}, **UNIT},
        yaxis={"title": {"text": "precision"}, **UNIT},
    )


def _curves(curves: pd.DataFrame) -> Iterator[tuple[str, dict[str, str], pd.DataFrame]]:
    """Name, colour and dash, and the points of each class and reading."""
    colours = class_colours(curves["class"].unique())
    dashes = dict(zip(curves["reading"].unique(), ("solid", "dot", "dashdot"), strict=False))
    several = len(dashes) > 1
    for (name, reading), curve in curves.groupby(["class", "reading"], sort=False):
        label = plain(f"{name}, {reading}" if several else name)
        yield label, {"color": colours[str(name)], "dash": dashes[reading]}, curve


def reliability(bins: pd.DataFrame) -> go.Figure:
    """``fraction`` that came true against ``mean_predicted``, with its interval; areas grow with ``count``."""
    above, below = bins["fraction_high"] - bins["fraction"], bins["fraction"] - bins["fraction_low"]
    trace = go.Scatter(
        x=bins["mean_predicted"],
        y=bins["fraction"],
        error_y=whiskers(above, below, color=GREY),
        mode="markers+lines",
        cliponaxis=False,
        customdata=bins["count"],
        line={"color": BLUE, "width": 1},
        marker={
            "color": BLUE,
            "size": bins["count"],
            "sizemode": "area",
            "sizeref": max(bins["count"].max(), 1) / 400,
            "sizemin": 4,
        },
        hovertemplate="predicted %{x:.3f}, observed %{y:.3f}, %{customdata:,} genes<extra></extra>",
    )
    return figure(
        [trace],
        shapes=[DIAGONAL],
        xaxis={"title": {"text": "predicted probability"}, **UNIT},
        yaxis={"title": {"text": "observed share"}, **UNIT},
    )


def score_distribution(bins: pd.DataFrame, axis: str) -> go.Figure:
    """Share of each ``class``'s genes (``share``) in each bin of the score (``low``, ``high``)."""
    traces = [
        go.Bar(
            x=(genes["low"] + genes["high"]) / 2,
            y=genes["share"],
            width=genes["high"] - genes["low"],
            customdata=genes["genes"],
            name=f"true {plain(name)}",
            marker={"color": colour, "line": {"width": 0}},
            opacity=0.65,
            hovertemplate="score about %{x:.3g}: %{customdata:,} genes, %{y:.1%} of the class"
            "<extra>%{fullData.name}</extra>",
        )
        for name, colour in class_colours(bins["class"].unique()).items()
        for genes in [bins[bins["class"] == name]]
    ]
    return figure(
        traces,
        barmode="overlay",
        xaxis={"title": {"text": axis}},
        yaxis={"title": {"text": "share of the class"}, "tickformat": ".0%"},
    )


def fold_scores(folds: pd.DataFrame, scoring: str) -> go.Figure:
    """``score`` of each ``fold``, one row per ``name`` (model or metric); the bar is the mean."""
    means = folds.groupby("name", sort=False)["score"].mean()
    traces = [
        go.Scatter(
            x=folds["score"],
            y=plains(folds["name"]),
            mode="markers",
            name="one fold",
            customdata=folds["fold"],
            marker={"color": BLUE, "size": 9, "opacity": 0.7},
            hovertemplate="%{y}, fold %{customdata}: %{x:.4f}<extra></extra>",
        ),
        go.Scatter(
            x=means,
            y=plains(means.index),
            mode="markers",
            name="mean",
            marker={"symbol": "line-ns-open", "size": 18, "color": INK, "line": {"width": 3}},
            hovertemplate="%{y}: mean %{x:.4f}<extra></extra>",
        ),
    ]
    return across(traces, len(means), scoring, xaxis={"title": {"text": scoring}, **spanned(folds["score"])})
