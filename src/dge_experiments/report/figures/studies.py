"""Figures of several studies: frames in, Plotly figures out. Nothing is computed here."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dge_experiments.report.page.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALETTE,
    across,
    figure,
    plain,
    plains,
    whiskers,
)


def board(rows: pd.DataFrame) -> go.Figure:
    """`mean` ROC AUC of each `method` with `low` and `high`; models and rankings in two colours."""
    traces = []
    for kind, colour, symbol in (("model", BLUE, "circle"), ("ranking", ORANGE, "diamond")):
        of_kind = rows[rows["kind"] == kind]
        traces.append(
            go.Scatter(
                x=of_kind["mean"],
                y=plains(of_kind["method"] + ", " + of_kind["reads"]),
                mode="markers",
                name=kind,
                error_x=whiskers(of_kind["high"] - of_kind["mean"], of_kind["mean"] - of_kind["low"]),
                marker={"symbol": symbol, "size": 11, "color": colour},
                hovertemplate="%{y} %{x:.3f}<extra></extra>",
            )
        )
    return across(traces, len(rows) + 1, "mean ROC AUC of studies left out")


def effects(genes: pd.DataFrame, first: str, second: str) -> go.Figure:
    """logFC of each gene in two studies (`first`, `second`), by its `verdict`."""
    colours = {"replicates": BLUE, "hit, does not replicate": ORANGE, "other": GREY}
    traces = [
        go.Scattergl(
            x=points["first"],
            y=points["second"],
            mode="markers",
            name=f"{verdict} ({len(points):,})",
            text=plains(points["gene"]),
            marker={"size": 5, "color": colour, "opacity": 0.6},
            hovertemplate="%{text}: %{x:.3g}, %{y:.3g}<extra></extra>",
        )
        for verdict, colour in reversed(colours.items())
        if len(points := genes[genes["verdict"] == verdict])
    ]
    return figure(
        traces,
        420,
        showlegend=True,
        xaxis={"title": {"text": f"logFC, {plain(first)}"}},
        yaxis={"title": {"text": f"logFC, {plain(second)}"}},
    )


def by_rank(lengths: pd.DataFrame) -> go.Figure:
    """`same_sign` among the `top` genes by P of each `pair`."""
    traces = [
        go.Scatter(
            x=points["top"],
            y=points["same_sign"],
            mode="lines+markers",
            name=plain(pair),
            line={"color": PALETTE[k % len(PALETTE)]},
            hovertemplate="top %{x:,}: %{y:.1%}<extra>%{fullData.name}</extra>",
        )
        for k, (pair, points) in enumerate(lengths.groupby("pair", sort=False))
    ]
    half = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5, "line": {"color": GREY}}
    return figure(
        traces,
        380 + 12 * len(traces),
        showlegend=True,
        shapes=[half],
        xaxis={"title": {"text": "genes of the smallest P values in the first study"}, "type": "log"},
        yaxis={"title": {"text": "share with the same sign in the second"}, "tickformat": ".0%"},
    )


def promised(deciles: pd.DataFrame) -> go.Figure:
    """Share that `held_up` against the chance `promised`, by tenths, one line for each study left out."""
    traces: list[go.Scatter] = [
        go.Scatter(
            x=points["promised"],
            y=points["held_up"],
            mode="lines+markers",
            name=plain(held_out),
            line={"color": PALETTE[k % len(PALETTE)]},
            hovertemplate="promised %{x:.1%}, held up %{y:.1%}<extra>%{fullData.name}</extra>",
        )
        for k, (held_out, points) in enumerate(deciles.groupby("held_out", sort=False))
    ]
    most = float(max(deciles["promised"].max(), deciles["held_up"].max()))
    line = {"type": "line", "x0": 0, "y0": 0, "x1": most, "y1": most, "line": {"color": GREY, "dash": "dash"}}
    return figure(
        traces,
        400,
        showlegend=True,
        shapes=[line],
        xaxis={"title": {"text": "chance promised"}, "tickformat": ".0%"},
        yaxis={"title": {"text": "share that held up"}, "tickformat": ".0%"},
    )


def overlaps(sets: pd.DataFrame) -> go.Figure:
    """An UpSet plot: `genes` of each combination (row) of studies; the other columns say which studies are in it.

    Lex et al. 2014, doi:10.1109/TVCG.2014.2346248
    """
    names = [column for column in sets if column != "genes"]
    plot = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.03, row_heights=[0.6, 0.4])
    places = list(range(len(sets)))
    plot.add_trace(
        go.Bar(x=places, y=sets["genes"], marker={"color": BLUE}, text=sets["genes"], showlegend=False), 1, 1
    )
    for name in names:
        inside = sets[name].to_numpy(bool)
        plot.add_trace(
            go.Scatter(
                x=places,
                y=[plain(name)] * len(places),
                mode="markers",
                showlegend=False,
                marker={
                    "size": 10,
                    "color": [INK if is_in else "rgba(138,147,156,0.25)" for is_in in inside],
                },
                hoverinfo="skip",
            ),
            2,
            1,
        )
    plot.update_xaxes(showticklabels=False)
    plot.update_yaxes(title_text="hits", row=1, col=1)
    return plot.update_layout(
        template={}, height=320 + 24 * len(names), margin={"l": 10, "r": 16, "t": 14, "b": 10}
    )


def with_others(per_study: pd.DataFrame) -> go.Figure:
    """`agreement` of each `study` with all the others; an `outlier` in another colour."""
    colours = [ORANGE if odd else BLUE for odd in per_study["outlier"]]
    bars = go.Bar(
        x=per_study["agreement"],
        y=plains(per_study["study"]),
        orientation="h",
        marker={"color": colours},
        hovertemplate="%{y} %{x:.3f}<extra></extra>",
    )
    return across([bars], len(per_study), "correlation with the other studies' Stouffer sum")
