"""Figures in which each point is a gene: volcano, MA, principal components. Nothing is computed here.

Their last trace is empty: the page's gene search fills it.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from dge_experiments.report.page.style import GREY, INK, class_colours, figure, plain, plains

CROWD, LAYERS = (
    3000,
    8,
)  # above so many genes the classes are drawn in layers, so that no class covers another
MANY = 60  # above so many crosses they are drawn small


def cloud(
    genes: pd.DataFrame,
    x: str,
    y: str,
    x_title: str,
    y_title: str,
    numbers: Sequence[str] = (),
    height: int = 460,
) -> go.Figure:
    """Genes at columns ``x`` and ``y``, coloured by class.

    ``genes``: columns ``gene``, ``class``, ``marked`` ("", "misclassified" or "top score"), ``score`` (the
    model's score of held-out genes; nan for others), ``x``, ``y``, and ``numbers``, which are shown for the gene under
    the pointer and for the genes found by the search.
    """
    lines = [f"{x_title} %{{x:.3f}}", f"{y_title} %{{y:.3f}}"]
    lines += [f"{plain(n)} %{{customdata[{k}]}}" for k, n in enumerate(numbers) if n not in (x, y, "score")]
    hover = f"<b>%{{text}}</b><br>{'<br>'.join(lines)}<extra>%{{fullData.name}}</extra>"
    crowd = len(genes) > CROWD
    classes = class_colours(sorted(genes["class"].unique()))
    traces = [
        go.Scattergl(
            x=members[x].to_numpy("float32"),
            y=members[y].to_numpy("float32"),
            text=np.array(plains(members["gene"]), dtype=object),
            customdata=_four_digits(members, numbers),
            meta="all",
            mode="markers",
            name=plain(name),
            legendgroup=plain(name),
            showlegend=layer == 0,
            marker={"color": colour, "size": 4 if crowd else 6, "opacity": 0.55},
            hovertemplate=hover,
        )
        for layer in range(LAYERS if crowd else 1)
        for name, colour in classes.items()
        for members in [genes[genes["class"] == name].iloc[layer :: LAYERS if crowd else 1]]
    ]
    chart = figure(
        [*traces, *_marks(genes, x, y, hover, numbers), _search_marks(hover)],
        height,
        meta={"genes": list(numbers)},
        hovermode="closest",
        xaxis={"title": {"text": x_title}},
        yaxis={"title": {"text": y_title}},
    )
    return chart.update_layout(legend_itemsizing="constant")


def _four_digits(genes: pd.DataFrame, numbers: Sequence[str]) -> npt.NDArray[np.object_]:
    """The ``numbers`` of each gene with four digits, shape (genes, numbers); a missing one is None.

    An array, because Plotly checks lists value by value, which takes seconds.
    """
    cells = np.empty((len(genes), len(numbers)), dtype=object)
    for place, name in enumerate(numbers):
        cells[:, place] = [float(f"{value:.4g}") if value == value else None for value in genes[name]]
    return cells


def _marks(genes: pd.DataFrame, x: str, y: str, hover: str, numbers: Sequence[str]) -> Iterator[go.Scattergl]:
    kinds = {
        "misclassified": {"symbol": "x", "size": 9, "color": INK, "line": {"width": 1, "color": GREY}},
        "top score": {"symbol": "circle-open", "size": 12, "color": INK, "line": {"width": 2}},
    }
    for kind, marker in kinds.items():
        members = genes[genes["marked"] == kind]
        if kind == "misclassified" and len(members) > MANY:
            marker = {**marker, "size": 6, "opacity": 0.7}
        if len(members):
            yield go.Scattergl(
                x=members[x].to_numpy("float32"),
                y=members[y].to_numpy("float32"),
                text=plains(members["gene"]),
                customdata=_four_digits(members, numbers),
                hovertext=[
                    f"true class {plain(c)}, score {s:.3f}"
                    for c, s in zip(members["class"], members["score"], strict=True)
                ],
                mode="markers",
                name=f"{kind} (held out)",
                marker=marker,
                hovertemplate=hover.replace("<extra>", "<br>%{hovertext}<extra>"),
            )


def _search_marks(hover: str) -> go.Scatter:
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
