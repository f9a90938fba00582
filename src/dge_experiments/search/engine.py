"""Evaluate many candidates on many folds in one flat parallel call."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.pipeline import Pipeline

from dge_experiments.search.fold import Fold, Score, Scored, score_fold
from dge_experiments.search.sharing import Share, shares
from dge_experiments.search.space import Candidate


@dataclass(frozen=True)
class Trial:
    """One candidate, evaluated.

    Attributes
    ----------
    number : its place in the search, from 0
    candidate : parameter -> value
    folds : one mapping metric -> score for each fold, in the folds' order
    fit_seconds : sum over the folds of the seconds spent fitting; its part where a fit was shared
    error : the traceback where the estimator raised (``folds`` is then empty), else None
    warnings : what the estimator warned of while it was fitted, each once
    raced_out : it left a race early, and ``folds`` are the first of them
    """

    number: int
    candidate: Candidate
    folds: tuple[Mapping[str, float], ...]
    fit_seconds: float
    error: str | None = None
    warnings: tuple[str, ...] = ()
    raced_out: bool = False

    @property
    def finished(self) -> bool:
        """Whether it has a score on every fold."""
        return not self.error and not self.raced_out

    def mean(self, metric: str) -> float:
        return float(np.mean([fold[metric] for fold in self.folds]))

    def std(self, metric: str) -> float:
        """Standard deviation over the folds (n in the denominator, as scikit-learn's ``std_test_score``)."""
        return float(np.std([fold[metric] for fold in self.folds]))


def best(trials: Iterable[Trial], metric: str) -> Trial | None:
    """The finished trial with the highest mean of ``metric``, of equal ones the first; None where none has finished."""
    finished = (trial for trial in trials if trial.finished)
    return max(finished, key=lambda trial: (trial.mean(metric), -trial.number), default=None)


def evaluate(
    pipeline: Pipeline,
    candidates: Mapping[int, Candidate],
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    folds: Sequence[Fold],
    score: Score,
    *,
    path: str | None = None,
) -> Iterator[Trial]:
    """Fit and score every candidate on every fold; yields each trial when its last fold is done, in any order.

    It runs in joblib's configuration of the moment (see ``compute.parallel``).

    Parameters
    ----------
    candidates : number of the trial -> its candidate
    X, y : shape (genes, features) and (genes,); folds are pairs of row positions (fit on, score on)
    path : the parameter of which a shorter fit is the beginning of a longer one (see ``sharing``)
    """
    numbers = list(candidates)
    done: dict[int, dict[int, Scored]] = {i: {} for i in range(len(numbers))}
    work = shares(list(candidates.values()), path, pipeline[-1])
    for k, scored in results(pipeline, work, X, y, folds, range(len(folds)), score):
        for i, one in scored.items():
            done[i][k] = one
            if len(done[i]) == len(folds):
                yield trial(numbers[i], candidates[numbers[i]], [done[i][k] for k in range(len(folds))])


def results(
    pipeline: Pipeline,
    work: Sequence[Share],
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    folds: Sequence[Fold],
    numbers: Sequence[int],
    score: Score,
) -> Iterator[tuple[int, dict[int, Scored]]]:
    """One flat parallel call on the folds of these ``numbers``: (fold's number, what it gave for each member of a
    share), as they finish."""
    # a single share takes each fold once, and they need not all be there at once
    made: Sequence[Fold] | dict[int, Fold] = folds if len(work) == 1 else {k: folds[k] for k in numbers}
    tasks = (delayed(_numbered)(k, pipeline, share, X, y, made[k], score) for share in work for k in numbers)
    running = Parallel(return_as="generator_unordered")(tasks)
    try:
        for numbered in running:  # noqa: UP028  closing it must pass here before it reaches joblib
            yield numbered
    except GeneratorExit:
        # nobody waits for the rest: loky would log a traceback for each task that still ends
        logging.getLogger("concurrent.futures").disabled = True
        raise


def trial(number: int, candidate: Candidate, folds: Sequence[Scored], raced_out: bool = False) -> Trial:
    """Its folds' scores put together."""
    seconds = sum(fold.fit_seconds for fold in folds)
    error = next((fold.error for fold in folds if fold.error), None)
    scores = () if error else tuple(fold.scores for fold in folds)
    said = tuple(sorted({text for fold in folds for text in fold.warnings}))
    return Trial(number, candidate, scores, seconds, error, said, raced_out)


def _numbered(
    k: int,
    pipeline: Pipeline,
    share: Share,
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    fold: Fold,
    score: Score,
) -> tuple[int, dict[int, Scored]]:
    return k, score_fold(pipeline, share, X, y, fold, score)
