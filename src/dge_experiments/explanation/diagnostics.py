"""Search diagnostics: what the trials of a search say about the search."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dge_experiments.explanation.search_importance import search_importance
from dge_experiments.search.engine import Trial
from dge_experiments.search.space import Range, Space
from dge_experiments.search.study import Study

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
    """What the trials of one search say about it. Only finished trials have a value.

    Attributes
    ----------
    history : by number; columns ``number``, ``value`` (NaN where the trial failed or was raced out), ``best`` (best
        value so far), ``is_best`` (a new best)
    times : by number, of all trials; columns ``number``, ``fit_seconds``, ``cumulative_seconds``
    slices : of the finished trials; columns ``parameter``, ``number``, ``setting`` (the parameter's value),
        ``place`` (where it lies in its range: 0 low, 1 high), ``value``
    importance : see :func:`search_importance`
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


def diagnostics(study: Study, *, seed: int) -> Diagnostics | None:
    """Diagnostics of one search; None where there was nothing to choose from: one trial, or no parameter.

    ``seed`` is of fANOVA's forest and of the shuffled scores.

    Raises
    ------
    ValueError
        no trial has finished
    """
    trials, space, scoring, finished = study.trials, study.space, study.scoring, study.finished
    if not finished:
        raise ValueError(f"none of {len(trials)} trials has finished")
    if len(trials) < 2 or not space:
        return None
    importance, note = search_importance(finished, space, scoring, seed=seed)
    seconds = pd.Series([trial.fit_seconds for trial in trials], dtype=np.float64)
    numbers = [trial.number for trial in trials]
    return Diagnostics(
        history=_history(trials, scoring),
        times=pd.DataFrame(
            {"number": numbers, "fit_seconds": seconds, "cumulative_seconds": seconds.cumsum()}
        ),
        slices=_slices(finished, space, scoring),
        importance=importance,
        edges=best_at_edge(finished, space, scoring),
        note=note,
    )


def best_at_edge(finished: Sequence[Trial], space: Space, scoring: str) -> pd.DataFrame:
    """Parameters whose best setting lies at the edge of its range, with the override that widens it.

    At the edge: within 2 % of the range (of its logarithm, if it is log-spaced) in every trial that shares
    the best score. The wider range is that of ``Range.widened``, within what the estimators allow.
    """
    top = max(trial.mean(scoring) for trial in finished)
    best = [trial for trial in finished if trial.mean(scoring) == top]
    rows = []
    for name, dimension in space.items():
        if not isinstance(dimension, Range) or dimension.low == dimension.high:
            continue
        places = [dimension.place(trial.candidate[name]) for trial in best]
        ends = {"low": (dimension.low, max(places)), "high": (dimension.high, 1 - min(places))}
        for edge, (end, farthest) in ends.items():
            if farthest > NEAR:
                continue
            wider = dimension.widened(edge, LIMITS.get(name, (-math.inf, math.inf)))
            override = "" if wider == end else f"model.space.{name}.{edge}={wider:.6g}"
            setting = best[0].candidate[name]
            rows.append((name, setting, dimension.low, dimension.high, edge, override))
    return pd.DataFrame(rows, columns=["parameter", "setting", "low", "high", "edge", "override"])


def _history(trials: Sequence[Trial], scoring: str) -> pd.DataFrame:
    values = [trial.mean(scoring) if trial.finished else math.nan for trial in trials]
    frame = pd.DataFrame({"number": [trial.number for trial in trials], "value": values})
    best = frame["value"].cummax().ffill()
    return frame.assign(best=best, is_best=(frame["value"] == best) & (best != best.shift()))


def _slices(finished: Sequence[Trial], space: Space, scoring: str) -> pd.DataFrame:
    rows = [
        (
            name,
            trial.number,
            trial.candidate[name],
            dimension.place(trial.candidate[name]),
            trial.mean(scoring),
        )
        for name, dimension in space.items()
        for trial in finished
    ]
    frame = pd.DataFrame(rows, columns=["parameter", "number", "setting", "place", "value"])
    settings = pd.Series([setting for _, _, setting, *_ in rows], dtype=object)
    return frame.assign(setting=settings)
