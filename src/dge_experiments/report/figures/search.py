"""Figures of a search: a frame in, a Plotly figure out. Nothing is computed here."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dge_experiments.report.page.style import (
    BLUE,
    GREY,
    ORANGE,
    across,
    figure,
    log_axis,
    plain,
    plains,
    spanned,
)

SHADES = [[0, "#c9d4de"], [0.5, "#5b8fb9"], [1, ORANGE]]


def history(trials: pd.DataFrame, scoring: str) -> go.Figure:
    """``value`` of each trial (``number``) and the ``best`` so far."""
    traces = [
        go.Scatter(
            x=trials["number"],
            y=trials["value"],
            mode="markers",
            name="trial",
            marker={"color": GREY, "size": 8},
        ),
        go.Scatter(
            x=trials["number"],
            y=trials["best"],
            mode="lines",
            name="best so far",
            line={"color": BLUE, "width": 2.5, "shape": "hv"},
        ),
    ]
    return figure(
        traces,
        320,
        xaxis={"title": {"text": "trial"}},
        yaxis={"title": {"text": f"cross-validated {scoring}"}, **spanned(trials["value"])},
    )


def parallel(positions: pd.DataFrame, scoring: str) -> go.Figure:
    """One line per trial over the parameters.

    ``positions``: columns ``number``, ``value``, ``parameter``, ``place`` (0 to 1 in its range), ``setting``; the
    lines of the better trials are drawn last.
    """
    parameters = list(dict.fromkeys(positions["parameter"]))
    low, high = positions["value"].min(), positions["value"].max()
    span = (high - low) or 1.0
    traces = []
    for _, trial in sorted(positions.groupby("number"), key=lambda pair: pair[1]["value"].iloc[0]):
        value = trial["value"].iloc[0]
        share = (value - low) / span
        traces.append(
            go.Scatter(
                x=plains(trial["parameter"]),
                y=trial["place"],
                mode="lines+markers",
                text=plains(trial["setting"]),
                line={"color": _shade(share), "width": 1 + 2 * share},
                marker={"size": 6},
                opacity=0.35 + 0.65 * share,
                name=f"trial {trial['number'].iloc[0]}: {value:.4f}",
                hovertemplate="%{x} = %{text}<extra>%{fullData.name}</extra>",
                showlegend=False,
            )
        )
    scale = go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        showlegend=False,
        hoverinfo="skip",
        marker={
            "color": [low],
            "cmin": low,
            "cmax": high,
            "colorscale": SHADES,
            "showscale": True,
            "colorbar": {
                "title": {"text": plain(scoring), "side": "right", "font": {"size": 13}},
                "thickness": 10,
                "nticks": 4,
            },
        },
    )
    return figure(
        [*traces, scale],
        340,
        xaxis={"type": "category", "categoryarray": plains(parameters)},
        yaxis={
            "title": {"text": "place in its range"},
            "tickvals": [0, 1],
            "ticktext": ["low", "high"],
            "range": [-0.06, 1.06],
        },
    )


def slices(frame: pd.DataFrame, logs: set[str], scoring: str) -> go.Figure:
    """``value`` against ``setting``, one panel per ``parameter``; ``logs`` have a logarithmic axis."""
    parameters = list(dict.fromkeys(frame["parameter"]))
    columns = min(len(parameters), 2)
    rows = -(-len(parameters) // columns)
    made = make_subplots(
        rows=rows,
        cols=columns,
        shared_yaxes=True,
        horizontal_spacing=0.05,
        vertical_spacing=0.25 / rows + 0.06,
    )
    made.update_layout(template={}, height=60 + 220 * rows, margin={"l": 10, "r": 10, "t": 20, "b": 10})
    for k, parameter in enumerate(parameters):
        mine = frame[frame["parameter"] == parameter]
        row, column = k // columns + 1, k % columns + 1
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in mine["setting"])
        made.add_trace(
            go.Scatter(
                x=mine["setting"].astype(float) if numeric else plains(mine["setting"]),
                y=mine["value"],
                mode="markers",
                showlegend=False,
                marker={"color": mine["number"], "colorscale": [[0, "#9dbbd3"], [1, BLUE]], "size": 8},
                customdata=mine["number"],
                hovertemplate=f"{plain(parameter)} = %{{x}}: %{{y:.4f}}<extra>trial %{{customdata}}</extra>",
            ),
            row,
            column,
        )
        log = numeric and parameter in logs
        axis = {"title": {"text": plain(parameter)}, "type": None if numeric else "category", "nticks": 6}
        made.update_xaxes(
            log_axis(plain(parameter), mine["setting"].astype(float).tolist()) if log else axis,
            row=row,
            col=column,
        )
    made.update_yaxes(title_text=f"CV {plain(scoring)}", col=1)
    return made


def parameter_importance(frame: pd.DataFrame) -> go.Figure:
    """Bars of ``importance`` of each ``parameter``, one colour per ``evaluator``."""
    bars = [
        go.Bar(
            x=mine["importance"],
            y=plains(mine["parameter"]),
            orientation="h",
            name=plain(name),
            marker_color=colour,
        )
        for colour, (name, mine) in zip((BLUE, ORANGE), frame.groupby("evaluator", sort=False), strict=False)
    ]
    return across(bars, frame["parameter"].nunique(), "importance (each adds up to 1)", barmode="group")


def seconds(times: pd.DataFrame) -> go.Figure:
    """``fit_seconds`` of each trial (``number``)."""
    bars = go.Bar(x=times["number"], y=times["fit_seconds"], marker_color=BLUE)
    return figure(
        [bars], 280, xaxis={"title": {"text": "trial"}}, yaxis={"title": {"text": "seconds of fitting"}}
    )


def _shade(share: float) -> str:
    low, high = ((201, 212, 222), (91, 143, 185)) if share < 0.5 else ((91, 143, 185), (213, 94, 0))
    part = share * 2 if share < 0.5 else share * 2 - 1
    return "rgb({},{},{})".format(*(round(a + (b - a) * part) for a, b in zip(low, high, strict=True)))
