"""Figures in which each point is a gene: volcano, MA, principal components. Nothing is computed here.

Their last trace is empty: the page's gene search fills it.
"""

from collections.abc import Iterator

import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.style import GREY, INK, class_colours, figure, plain, plains


def cloud(genes: pd.DataFrame, x: str, y: str, x_title: str, y_title: str, height: int = 460) -> go.Figure:
    """Genes at columns ``x`` and ``y``, coloured by class.

    ``genes``: columns ``gene``, ``class``, ``marked`` ("", "misclassified" or "top score"), ``score`` (the
    model's, of held-out genes; nan elsewhere) and the two.
    """
    hover = (
        f"<b>%{{text}}</b><br>{x_title} %{{x:.3f}}<br>{y_title} %{{y:.3f}}<extra>%{{fullData.name}}</extra>"
    )
    traces = [
        go.Scattergl(
            x=mine[x].to_numpy("float32"),
            y=mine[y].to_numpy("float32"),
            text=plains(mine["gene"]),
            meta="all",
            mode="markers",
            name=plain(name),
            marker={"color": colour, "size": 4 if len(genes) > 3000 else 6, "opacity": 0.55},
            hovertemplate=hover,
        )
        for name, colour in class_colours(sorted(genes["class"].unique())).items()
        for mine in [genes[genes["class"] == name]]
    ]
    made = figure(
        [*traces, *_marks(genes, x, y, hover), _found(hover)],
        height,
        meta="genes",
        hovermode="closest",
        xaxis={"title": {"text": x_title}},
        yaxis={"title": {"text": y_title}},
    )
    return made.update_layout(legend_itemsizing="constant")


def _marks(genes: pd.DataFrame, x: str, y: str, hover: str) -> Iterator[go.Scattergl]:
    kinds = {
        "misclassified": {"symbol": "x", "size": 9, "color": INK, "line": {"width": 1, "color": GREY}},
        "top score": {"symbol": "circle-open", "size": 12, "color": INK, "line": {"width": 2}},
    }
    for kind, marker in kinds.items():
        mine = genes[genes["marked"] == kind]
        if len(mine):
            yield go.Scattergl(
                x=mine[x].to_numpy("float32"),
                y=mine[y].to_numpy("float32"),
                text=plains(mine["gene"]),
                customdata=[
                    f"truly {plain(c)}, score {s:.3f}"
                    for c, s in zip(mine["class"], mine["score"], strict=True)
                ],
                mode="markers",
                name=f"{kind} (held out)",
                marker=marker,
                hovertemplate=hover.replace("<extra>", "<br>%{customdata}<extra>"),
            )


def _found(hover: str) -> go.Scatter:
    return go.Scatter(
        x=[],
        y=[],
        text=[],
        mode="markers",
        name="found",
        showlegend=False,
        textposition="top center",
        marker={"symbol": "diamond", "size": 12, "color": "#E69F00", "line": {"width": 2, "color": INK}},
        hovertemplate=hover,
    )
