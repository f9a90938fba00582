"""Evaluate many candidates on many folds in one flat parallel call."""

import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from dge_experiments.search.compute import parallel
from dge_experiments.search.prediction import Prediction, predict
from dge_experiments.search.space import Candidate

Indices = npt.NDArray[np.intp]
Fold = tuple[Indices, Indices]
Score = Callable[[npt.NDArray[np.int64], Prediction], dict[str, float]]


@dataclass(frozen=True)
class Trial:
    """One candidate, evaluated.

    Attributes
    ----------
    number : its place in the search, from 0
    candidate : parameter -> value
    folds : one mapping metric -> score for each fold, in the folds' order
    fit_seconds : sum over the folds of the seconds spent fitting
    error : the traceback where the estimator raised (``folds`` is then empty), else None
    warnings : what the estimator warned of while it was fitted, each once
    """

    number: int
    candidate: Candidate
    folds: tuple[Mapping[str, float], ...]
    fit_seconds: float
    error: str | None = None
    warnings: tuple[str, ...] = ()

    def mean(self, metric: str) -> float:
        return float(np.mean([fold[metric] for fold in self.folds]))

    def std(self, metric: str) -> float:
        """Standard deviation over the folds (n in the denominator, as scikit-learn's ``std_test_score``)."""
        return float(np.std([fold[metric] for fold in self.folds]))


@dataclass(frozen=True)
class _Scored:
    """One candidate on one fold."""

    scores: Mapping[str, float]
    fit_seconds: float
    error: str | None = None
    warnings: tuple[str, ...] = ()


def configured(pipeline: Pipeline, candidate: Candidate) -> Pipeline:
    """An unfitted copy of ``pipeline`` whose last step has the candidate's parameters."""
    copy = clone(pipeline)
    copy[-1].set_params(**candidate)
    return copy


def evaluate(
    pipeline: Pipeline,
    candidates: Sequence[Candidate],
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    folds: Sequence[Fold],
    score: Score,
    *,
    first: int = 0,
    workers: int | None = None,
) -> Iterator[Trial]:
    """Fit and score every candidate on every fold; yields each trial when its last fold is done, in any order.

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,); folds are pairs of row positions (fit on, score on)
    first : number of the first candidate's trial
    workers : processes; default: the cores this process may use
    """
    tasks = [(i, k) for i in _longest_first(candidates) for k in range(len(folds))]
    done: dict[int, dict[int, _Scored]] = {i: {} for i in range(len(candidates))}
    with parallel(workers):
        results = Parallel(return_as="generator_unordered")(
            delayed(_fold)(i, k, pipeline, candidates[i], X, y, folds[k], score) for i, k in tasks
        )
        for i, k, scored in results:
            done[i][k] = scored
            if len(done[i]) == len(folds):
                yield _trial(first + i, candidates[i], [done[i][k] for k in range(len(folds))])


def _trial(number: int, candidate: Candidate, folds: Sequence[_Scored]) -> Trial:
    seconds = sum(fold.fit_seconds for fold in folds)
    error = next((fold.error for fold in folds if fold.error), None)
    scores = () if error else tuple(fold.scores for fold in folds)
    said = tuple(sorted({text for fold in folds for text in fold.warnings}))
    return Trial(number, candidate, scores, seconds, error, said)


def _longest_first(candidates: Sequence[Candidate]) -> list[int]:
    """Positions of the candidates, most trees or rounds first, so that no long task is left for the end."""

    def cost(i: int) -> Any:
        return -candidates[i].get("n_estimators", 0)

    return sorted(range(len(candidates)), key=cost)


def _fold(
    i: int,
    k: int,
    pipeline: Pipeline,
    candidate: Candidate,
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    fold: Fold,
    score: Score,
) -> tuple[int, int, _Scored]:
    fit_on, score_on = fold
    start = time.perf_counter()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = configured(pipeline, candidate)
            model.fit(X[fit_on], y[fit_on])
        seconds = time.perf_counter() - start
        said = tuple({f"{w.category.__name__}: {w.message}" for w in caught})
        return i, k, _Scored(score(y[score_on], predict(model, X[score_on])), seconds, None, said)
    except Exception:
        return i, k, _Scored({}, time.perf_counter() - start, traceback.format_exc())
