"""Figures of a search: a frame in, a Plotly figure out. Nothing is computed here."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale
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
STEPS = 8  # strengths of line in which parallel coordinates are drawn


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
    """One line per trial over the parameters; the lines of better trials are stronger and drawn last.

    ``positions``: columns ``number``, ``value``, ``parameter``, ``place`` (0 to 1 in its range), ``setting``. Trials
    of about the same value are one trace with breaks, so that a search of thousands stays a small figure.
    """
    parameters = list(dict.fromkeys(positions["parameter"]))
    low, high = positions["value"].min(), positions["value"].max()
    share = (positions["value"] - low) / ((high - low) or 1.0)
    step = (share * (STEPS - 1)).round()
    traces = []
    for strength, trials in positions.groupby(step):
        lines = _with_breaks(trials)
        traces.append(
            go.Scatter(
                x=plains(lines["parameter"]),
                y=lines["place"].to_numpy(np.float32),
                mode="lines+markers",
                text=plains(lines["setting"]),
                customdata=lines[["number", "value"]].to_numpy(np.float32),
                line={"color": _shade(strength / (STEPS - 1)), "width": 1 + 2 * strength / (STEPS - 1)},
                marker={"size": 6},
                opacity=0.35 + 0.65 * strength / (STEPS - 1),
                hovertemplate="%{x} = %{text}<extra>trial %{customdata[0]}: %{customdata[1]:.4f}</extra>",
                showlegend=False,
            )
        )
    return figure(
        [*traces, _colour_scale(low, high, scoring)],
        340,
        xaxis={"type": "category", "categoryarray": plains(parameters)},
        yaxis={
            "title": {"text": "place in its range"},
            "tickvals": [0, 1],
            "ticktext": ["low", "high"],
            "range": [-0.06, 1.06],
        },
    )


def _colour_scale(low: float, high: float, title: str) -> go.Scatter:
    """A trace without points that shows the colours of ``SHADES`` from ``low`` to ``high``."""
    return go.Scatter(
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
                "title": {"text": plain(title), "side": "right", "font": {"size": 13}},
                "thickness": 10,
                "nticks": 4,
            },
        },
    )


def slices(frame: pd.DataFrame, logs: set[str], scoring: str) -> go.Figure:
    """``value`` against ``setting``, one panel per ``parameter``; ``logs`` have a logarithmic axis."""
    parameters = list(dict.fromkeys(frame["parameter"]))
    columns = min(len(parameters), 2)
    rows = -(-len(parameters) // columns)
    panels = make_subplots(
        rows=rows,
        cols=columns,
        shared_yaxes=True,
        horizontal_spacing=0.05,
        vertical_spacing=0.25 / rows + 0.06,
    )
    panels.update_layout(template={}, height=60 + 220 * rows, margin={"l": 10, "r": 10, "t": 20, "b": 10})
    for k, parameter in enumerate(parameters):
        panel_rows = frame[frame["parameter"] == parameter]
        row, column = k // columns + 1, k % columns + 1
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in panel_rows["setting"])
        panels.add_trace(
            go.Scatter(
                x=panel_rows["setting"].astype(float) if numeric else plains(panel_rows["setting"]),
                y=panel_rows["value"],
                mode="markers",
                showlegend=False,
                marker={"color": panel_rows["number"], "colorscale": [[0, "#9dbbd3"], [1, BLUE]], "size": 8},
                customdata=panel_rows["number"],
                hovertemplate=f"{plain(parameter)} = %{{x}}: %{{y:.4f}}<extra>trial %{{customdata}}</extra>",
            ),
            row,
            column,
        )
        log = numeric and parameter in logs
        axis = {"title": {"text": plain(parameter)}, "type": None if numeric else "category", "nticks": 6}
        panels.update_xaxes(
            log_axis(plain(parameter), panel_rows["setting"].astype(float).tolist()) if log else axis,
            row=row,
            col=column,
        )
    panels.update_yaxes(title_text=f"CV {plain(scoring)}", col=1)
    return panels


def parameter_importance(frame: pd.DataFrame) -> go.Figure:
    """Bars of ``importance`` of each ``parameter``, one colour per ``evaluator``, each within a frame from
    ``chance_low`` to ``chance_high``."""
    bars = []
    for colour, (name, rows) in zip((BLUE, ORANGE), frame.groupby("evaluator", sort=False), strict=False):
        shared = {"y": plains(rows["parameter"]), "orientation": "h", "offsetgroup": plain(name)}
        bars.append(go.Bar(x=rows["importance"], name=plain(name), marker_color=colour, **shared))
        chance = go.Bar(
            base=rows["chance_low"],
            x=rows["chance_high"] - rows["chance_low"],
            name="95 % under shuffled scores",
            legendgroup="chance",
            showlegend=len(bars) == 1,
            marker={"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 2}},
            hovertemplate="%{base:.2f} to %{x:.2f}<extra>under shuffled scores</extra>",
            **shared,
        )
        bars.append(chance)
    return across(bars, frame["parameter"].nunique(), "importance (each adds up to 1)", barmode="group")


def seconds(times: pd.DataFrame) -> go.Figure:
    """``fit_seconds`` of each trial (``number``)."""
    bars = go.Bar(x=times["number"], y=times["fit_seconds"], marker_color=BLUE)
    return figure(
        [bars], 280, xaxis={"title": {"text": "trial"}}, yaxis={"title": {"text": "seconds of fitting"}}
    )


def _with_breaks(trials: pd.DataFrame) -> pd.DataFrame:
    """The rows trial by trial, better trials later, each trial followed by a row without a place."""
    ordered = trials.sort_values(["value", "number"], kind="stable")
    breaks = ordered.drop_duplicates("number", keep="last").assign(place=np.nan, setting="")
    return pd.concat([ordered, breaks]).sort_values(["value", "number"], kind="stable")


def _shade(share: float) -> str:
    """The colour of ``SHADES`` at ``share``, from 0 to 1."""
    (colour,) = sample_colorscale(SHADES, [share])
    return str(colour)
