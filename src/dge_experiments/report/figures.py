"""Figures: a frame in, a Plotly figure out. Nothing is computed here."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

BLUE, ORANGE, GREY, GREEN = (
    "#0072B2",
    "#D55E00",
    "#9AA0A6",
    "#009E73",
)  # Okabe & Ito 2008: for colour-blind eyes
PALETTE = (BLUE, ORANGE, GREEN, "#CC79A7", "#E69F00", "#56B4E9")
LAYOUT = {
    "template": "plotly_white",
    "height": 420,
    "margin": {"l": 60, "r": 20, "t": 30, "b": 50},
    "font": {"family": "system-ui, sans-serif", "size": 13},
    "legend": {"orientation": "h", "y": 1.08},
}


def scores_beside_baseline(scores: pd.DataFrame) -> go.Figure:
    """Bars of ``model`` and ``baseline`` for each ``metric`` (columns of ``scores``)."""
    bars = [
        go.Bar(
            name=name,
            x=scores["metric"],
            y=scores[column],
            marker_color=colour,
            text=scores[column],
            texttemplate="%{text:.3f}",
        )
        for name, column, colour in (("model", "test", BLUE), ("majority baseline", "baseline", GREY))
    ]
    return go.Figure(bars).update_layout(**LAYOUT, yaxis_title="held-out score")


def confusion(counts: pd.DataFrame) -> go.Figure:
    """Counts of genes: rows true classes, columns predicted."""
    return (
        go.Figure(
            go.Heatmap(
                z=counts.to_numpy(),
                x=[f"called {c}" for c in counts.columns],
                y=[f"truly {c}" for c in counts.index],
                text=counts.to_numpy(),
                texttemplate="%{text}",
                colorscale="Blues",
                showscale=False,
                hovertemplate="%{y}, %{x}: %{z} genes<extra></extra>",
            )
        )
        .update_layout(**LAYOUT)
        .update_yaxes(autorange="reversed")
    )


def importance(frame: pd.DataFrame, axis: str, spread: str | None = None) -> go.Figure:
    """Horizontal bars of ``importance`` for each ``feature``, largest on top; ``spread`` names the error column."""
    ordered = frame.sort_values("importance")
    error = None if spread is None else {"type": "data", "array": ordered[spread]}
    bars = go.Bar(
        x=ordered["importance"], y=ordered["feature"], orientation="h", marker_color=BLUE, error_x=error
    )
    return go.Figure(bars).update_layout(**LAYOUT, xaxis_title=axis)


def pca_scores(scores: pd.DataFrame, explained: Sequence[float]) -> go.Figure:
    """Genes along PC1 and PC2, coloured by ``label``; hover gives ``gene``."""
    figure = go.Figure()
    for colour, (label, genes) in zip(PALETTE, scores.groupby("label", sort=False), strict=False):
        figure.add_trace(
            go.Scattergl(
                x=genes["PC1"],
                y=genes["PC2"],
                mode="markers",
                name=str(label),
                text=genes["gene"],
                marker={"color": colour, "size": 5, "opacity": 0.6},
                hovertemplate="%{text}<br>PC1 %{x:.2f}, PC2 %{y:.2f}<extra>%{fullData.name}</extra>",
            )
        )
    return figure.update_layout(
        **LAYOUT, xaxis_title=f"PC1 ({explained[0]:.1%} of variance)", yaxis_title=f"PC2 ({explained[1]:.1%})"
    )


def pca_loadings(loadings: pd.DataFrame) -> go.Figure:
    """Bars of each feature's loading on PC1 and PC2."""
    bars = [
        go.Bar(name=name, x=loadings["feature"], y=loadings[name], marker_color=colour)
        for name, colour in (("PC1", BLUE), ("PC2", ORANGE))
    ]
    return go.Figure(bars).update_layout(**LAYOUT, yaxis_title="loading")


def explained_variance(variance: pd.DataFrame) -> go.Figure:
    """Bars of the share each ``component`` explains, and the running sum."""
    figure = go.Figure(
        [
            go.Bar(x=variance["component"], y=variance["explained"], name="each", marker_color=BLUE),
            go.Scatter(
                x=variance["component"], y=variance["cumulative"], name="together", marker_color=ORANGE
            ),
        ]
    )
    return figure.update_layout(**LAYOUT, yaxis={"title": "share of variance", "tickformat": ".0%"})


def search_history(trials: pd.DataFrame, scoring: str) -> go.Figure:
    """Each trial's score and the best so far, in the order of their numbers."""
    value = trials[f"cv/{scoring}"]
    figure = go.Figure(
        [
            go.Scatter(x=trials["number"], y=value, mode="markers", name="trial", marker_color=GREY),
            go.Scatter(
                x=trials["number"], y=value.cummax(), mode="lines", name="best so far", line_color=BLUE
            ),
        ]
    )
    return figure.update_layout(**LAYOUT, xaxis_title="trial", yaxis_title=f"cross-validated {scoring}")


def leaderboard(frame: pd.DataFrame, scoring: str) -> go.Figure:
    """Bars of each ``model``'s cross-validated and test score, and the baseline's as a line."""
    figure = go.Figure(
        [
            go.Bar(
                name="cross-validated",
                x=frame["model"],
                y=frame[f"cv/{scoring}"],
                marker_color=BLUE,
                error_y={"type": "data", "array": frame[f"cv/{scoring}_std"]},
            ),
            go.Bar(name="test", x=frame["model"], y=frame[f"test/{scoring}"], marker_color=ORANGE),
            go.Scatter(
                name="majority baseline, test",
                x=frame["model"],
                y=frame[f"baseline/test/{scoring}"],
                mode="lines+markers",
                line={"color": "black", "dash": "dash"},
            ),
        ]
    )
    return figure.update_layout(**LAYOUT, yaxis_title=scoring)
