"""Figures of a table that was read. Nothing is computed here."""

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.page.style import GREY, INK, figure


def p_histogram(bins: pd.DataFrame) -> go.Figure:
    """The histogram of p values, with the count that a bin of a flat histogram rarely exceeds.

    ``bins``: columns ``low``, ``high`` (of p), ``genes`` (count) and ``limit``.
    """
    bars = go.Bar(
        x=(bins["low"] + bins["high"]) / 2,
        y=bins["genes"],
        width=(bins["high"] - bins["low"]) * 0.95,
        marker={"color": INK},
        customdata=bins[["low", "high"]],
        hovertemplate="p from %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y:,} genes<extra></extra>",
        showlegend=False,
    )
    line = go.Scatter(
        x=[0, 1],
        y=[bins["limit"].iloc[0]] * 2,
        mode="lines",
        line={"color": GREY, "dash": "dash"},
        name="95 % limit of a flat histogram",
        hoverinfo="skip",
    )
    return figure([bars, line], xaxis={"title": "P.Value", "range": [0, 1]}, yaxis={"title": "genes"})
