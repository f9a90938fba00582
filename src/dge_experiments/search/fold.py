"""The task of a worker: one fit on one fold, and the scores of every candidate that shares this fit."""

import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import parallel_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from dge_experiments.problem.dealing import Fold
from dge_experiments.search.prediction import Keep, Prediction
from dge_experiments.search.sharing import Share, predictions
from dge_experiments.search.space import Candidate
from dge_experiments.search.task import Score


@dataclass(frozen=True)
class Scored:
    """One candidate on one fold; ``fit_seconds`` is its share of the time of the fit, ``answers`` the kept part of its
    prediction."""

    scores: Mapping[str, float]
    fit_seconds: float
    error: str | None = None
    warnings: tuple[str, ...] = ()
    answers: npt.NDArray[Any] | None = None


def configured(pipeline: Pipeline, candidate: Candidate) -> Pipeline:
    """An unfitted copy of ``pipeline`` whose last step has the candidate's parameters."""
    copy = clone(pipeline)
    copy[-1].set_params(**candidate)
    return copy


def for_columns(pipeline: Pipeline, columns: Sequence[str]) -> Pipeline:
    """An unfitted copy of ``pipeline`` for arrays of these columns, where a step reads columns by name."""
    copy = clone(pipeline)
    for _, step in copy.steps:
        if "columns" in step.get_params():
            step.set_params(columns=tuple(columns))
    return copy


def fit_in_place(pipeline: Pipeline, X: Any, y: npt.NDArray[np.int64]) -> Pipeline:
    """Fit on ``X``, shape (genes, features), which is scaled in place: the caller passes a copy."""
    steps = [step for _, step in pipeline.steps[:-1] if step.get_params().get("copy") is True]
    for step in steps:
        step.set_params(copy=False)
    pipeline.fit(X, y)
    for step in steps:
        step.set_params(copy=True)
    return pipeline


def score_fold(
    pipeline: Pipeline,
    share: Share,
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    fold: Fold,
    score: Score,
    keep: Keep | None = None,
) -> dict[int, Scored]:
    """Fit ``share.longest`` on the fold with one thread, and score its members: position -> scores.

    It takes the parts of a ``Task`` separately, because Dask sends a large array only once where it is an argument.

    Where the shared fit raises, each member is fitted alone, so that one cannot make another fail.
    """
    fit_on, score_on = fold
    start = time.perf_counter()
    try:
        with parallel_config("sequential"):  # a forest adds its trees' answers in the order of its threads
            model, messages = _fit(configured(pipeline, share.longest), X[fit_on], y[fit_on])
            seconds = time.perf_counter() - start
            scored: dict[int, Scored] = {}
            last: tuple[Prediction, dict[str, float], npt.NDArray[Any] | None] | None = None
            for position, prediction in predictions(model, X[score_on], share):
                if last is None or last[0] is not prediction:
                    answers = None if keep is None else keep.of(prediction, score_on)
                    last = prediction, score(y[score_on], prediction), answers
                scored[position] = Scored(last[1], seconds * share.portion(position), None, messages, last[2])
        return scored
    except Exception:
        error = traceback.format_exc()
        seconds = time.perf_counter() - start
    parts = share.split()
    if len(parts) > 1:
        by_part = [score_fold(pipeline, part, X, y, fold, score, keep) for part in parts]
        return {position: on_fold for members in by_part for position, on_fold in members.items()}
    return {i: Scored({}, seconds * share.portion(i), error) for i in share.members}


def _fit(model: Pipeline, X: Any, y: npt.NDArray[np.int64]) -> tuple[Pipeline, tuple[str, ...]]:
    """The model, fitted in place with one thread, and the warnings of the fit."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if model[-1].get_params().get("n_jobs") not in (None, 1):
            model[-1].set_params(n_jobs=1)
        fit_in_place(model, X, y)
    return model, tuple({f"{w.category.__name__}: {w.message}" for w in caught})
