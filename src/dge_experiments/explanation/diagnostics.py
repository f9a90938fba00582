"""Search diagnostics: what the trials of a search say about the search."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.explanation.inputs import Floats
from dge_experiments.explanation.search_importance import Range, given, in_space, search_importance

NEAR = 0.02
LIMITS: Mapping[str, tuple[float, float]] = {
    "n_estimators": (1, math.inf),
    "max_depth": (1, math.inf),
    "min_samples_split": (2, math.inf),
    "min_samples_leaf": (1, math.inf),
    "max_features": (0, 1),
    "l1_ratio": (0, 1),
    "learning_rate": (0, 1),
    "subsample": (0, 1),
    "colsample_bytree": (0, 1),
    "colsample_bylevel": (0, 1),
    "colsample_bynode": (0, 1),
    "gamma": (0, math.inf),
    "min_child_weight": (0, math.inf),
    "reg_alpha": (0, math.inf),
    "reg_lambda": (0, math.inf),
}


@dataclass(frozen=True)
class Diagnostics:
    """What the trials of one search say about it; failed trials have the value NaN.

    Attributes
    ----------
    history : by number; columns ``number``, ``value``, ``best`` (best value so far), ``is_best`` (a new best)
    times : by number; columns ``number``, ``fit_seconds``, ``cumulative_seconds``
    slices : columns ``parameter``, ``number``, ``setting`` (the parameter's value), ``value``
    importance : columns ``parameter``, ``evaluator`` (``PED-ANOVA`` or ``fANOVA``), ``importance``
    edges : parameters whose best setting lies at the edge of its range; columns ``parameter``, ``setting``,
        ``low``, ``high``, ``edge`` (``low`` or ``high``), ``override`` (that widens the range; "" if the
        parameter itself allows no more)
    note : one sentence on what the importance rests on
    """

    history: pd.DataFrame
    times: pd.DataFrame
    slices: pd.DataFrame
    importance: pd.DataFrame
    edges: pd.DataFrame
    note: str


def diagnostics(
    trials: pd.DataFrame,
    space: Mapping[str, Range],
    *,
    seed: int,
    maximize: bool = True,
    prefix: str = "model.space",
) -> Diagnostics:
    """Diagnostics of one search from its trials.

    Parameters
    ----------
    trials : one row per trial; columns ``number``, ``params.<name>`` for each name in ``space``, ``value``
        (score; NaN if the trial failed), ``fit_seconds``
    space : parameter -> its range, ``{low, high, log}`` or ``{choices}``
    seed : of fANOVA's forest
    maximize : whether a larger value is better
    prefix : where the ranges stand in the configuration, for the overrides

    Raises
    ------
    BadInput
        a column is missing, there is no trial, or none succeeded
    """
    for column in ("number", "value", "fit_seconds", *(f"params.{name}" for name in space)):
        if column not in trials.columns:
            raise BadInput(
                f"trials: no column {column!r} (found {', '.join(map(repr, trials.columns))}); add it"
            )
    ordered = trials.sort_values("number", kind="stable").reset_index(drop=True)
    finished = ordered[np.isfinite(ordered["value"].astype("float64"))]
    if finished.empty:
        raise BadInput(f"trials: none of {len(trials)} has a value; run a search in which a trial succeeds")
    importance, note = search_importance(finished, space, seed=seed, maximize=maximize)
    return Diagnostics(
        history=_history(ordered, maximize),
        times=ordered[["number", "fit_seconds"]].assign(cumulative_seconds=ordered["fit_seconds"].cumsum()),
        slices=_slices(finished, space),
        importance=importance,
        edges=best_at_edge(finished, space, maximize=maximize, prefix=prefix),
        note=note,
    )


def best_at_edge(
    trials: pd.DataFrame, space: Mapping[str, Range], *, maximize: bool = True, prefix: str = "model.space"
) -> pd.DataFrame:
    """Parameters whose best setting lies at the edge of its range, with the override that widens it.

    At the edge: within 2 % of the range (of its logarithm, if it is log-spaced) in every trial that shares
    the best value. The wider range: ten times further if log-spaced; else as much again upwards, and half
    the lower end downwards (as much again if that is 0 or less), within what the estimators allow.

    Parameters
    ----------
    trials : finished trials; columns ``params.<name>`` and ``value``
    space, maximize, prefix : as for :func:`diagnostics`
    """
    best = trials[trials["value"] == (trials["value"].max() if maximize else trials["value"].min())]
    rows = []
    for name, spec in space.items():
        settings = best[f"params.{name}"]
        if "choices" in spec or settings.isna().any() or spec["low"] == spec["high"]:
            continue
        place = _place(settings.astype("float64").to_numpy(), spec)
        for edge, there in (("low", place <= NEAR), ("high", place >= 1 - NEAR)):
            if there.all():
                wider = widened(name, spec, edge)
                override = "" if wider == spec[edge] else f"{prefix}.{name}.{edge}={wider:.6g}"
                rows.append(
                    (name, in_space(settings.iloc[0], spec), spec["low"], spec["high"], edge, override)
                )
    return pd.DataFrame(rows, columns=["parameter", "setting", "low", "high", "edge", "override"])


def widened(name: str, spec: Range, edge: str) -> float:
    """A wider end of the range at ``edge`` (``low`` or ``high``), within the limits of the parameter."""
    low: float = spec["low"]
    high: float = spec["high"]
    log = spec.get("log", False)
    if edge == "high":
        wider = high * 10 if log else high + (high - low)
    elif log:
        wider = low / 10
    else:
        wider = low / 2 if low > 0 else low - (high - low)
    smallest, largest = LIMITS.get(name, (-math.inf, math.inf))
    if isinstance(low, int) and isinstance(high, int):
        wider = math.floor(wider)
        smallest = max(smallest, 1) if low > 0 else smallest
    return min(max(wider, smallest), largest)


def _place(settings: Floats, spec: Range) -> Floats:
    """Where in its range each setting lies: 0 at the low end, 1 at the high end."""
    ends = np.array([spec["low"], spec["high"]], dtype=np.float64)
    if spec.get("log", False):
        settings, ends = np.log(settings), np.log(ends)
    place: Floats = (settings - ends[0]) / (ends[1] - ends[0])
    return place


def _history(ordered: pd.DataFrame, maximize: bool) -> pd.DataFrame:
    value = ordered["value"].astype("float64")
    best = (value.cummax() if maximize else value.cummin()).ffill()
    frame = pd.DataFrame({"number": ordered["number"], "value": value, "best": best})
    return frame.assign(is_best=(value == best) & (best != best.shift()))


def _slices(finished: pd.DataFrame, space: Mapping[str, Range]) -> pd.DataFrame:
    columns = ["parameter", "number", "setting", "value"]
    parts = [
        finished[["number", "value"]].assign(
            parameter=name,
            setting=pd.Series(
                [in_space(v, spec) if given(v, spec) else None for v in finished[f"params.{name}"]],
                index=finished.index,
                dtype=object,
            ),
        )
        for name, spec in space.items()
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
