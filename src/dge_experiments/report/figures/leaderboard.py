"""Figures that compare the models of a sweep. Nothing is computed here."""

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.page.style import BLUE, GREY, ORANGE, across, plains


def leaderboard(board: pd.DataFrame, scoring: str) -> go.Figure:
    """Each ``model``'s cross-validated and test score, and the constant answer's on the same genes."""
    models = plains(board["model"])
    series = [
        ("cross-validated, mean ± SD of folds", f"cv/{scoring}", "circle", BLUE, board[f"cv/{scoring}_std"]),
        ("held-out genes", f"test/{scoring}", "diamond", ORANGE, None),
        ("constant answer, held-out genes", f"baseline/test/{scoring}", "line-ns-open", GREY, None),
    ]
    traces = [
        go.Scatter(
            x=board[column],
            y=models,
            mode="markers",
            name=name,
            error_x=None if spread is None else {"type": "data", "array": spread},
            marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2, "color": colour}},
            hovertemplate="%{y} %{x:.4f}<extra>%{fullData.name}</extra>",
        )
        for name, column, symbol, colour, spread in series
        if column in board
    ]
    return across(traces, len(board) + 1, scoring)
