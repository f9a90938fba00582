"""Figures that compare models. Nothing is computed here."""

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.page.style import BLUE, GREY, ORANGE, across, plains, whiskers


def leaderboard(board: pd.DataFrame, scoring: str, called: str = "cross-validation") -> go.Figure:
    """Each ``model``'s score in cross-validation (``cv`` with ``low`` and ``high``; ``called`` is its name) and on the
    held-out genes (``test``), and the constant answer's on the same genes (``baseline``)."""
    models = plains(board["model"])
    series = [
        (called, "cv", "circle", BLUE, whiskers(board["high"] - board["cv"], board["cv"] - board["low"])),
        ("held-out genes", "test", "diamond", ORANGE, None),
        ("constant answer, held-out genes", "baseline", "line-ns-open", GREY, None),
    ]
    traces = [
        go.Scatter(
            x=board[column],
            y=models,
            mode="markers",
            name=name,
            error_x=error,
            marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2, "color": colour}},
            hovertemplate="%{y} %{x:.4f}<extra>%{fullData.name}</extra>",
        )
        for name, column, symbol, colour, error in series
    ]
    return across(traces, len(board) + 1, scoring)
