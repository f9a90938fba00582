"""Evaluate many candidates on many folds in one flat parallel call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dge_experiments.search import workers
from dge_experiments.search.fold import Scored, score_fold
from dge_experiments.search.sharing import Share, shares
from dge_experiments.search.space import Candidate
from dge_experiments.search.task import Task


@dataclass(frozen=True)
class Trial:
    """One candidate, evaluated.

    Attributes
    ----------
    number : its place in the search, from 0
    candidate : parameter -> value
    folds : one mapping metric -> score for each fold, in the folds' order
    fit_seconds : seconds spent fitting, summed over the folds; this candidate's share where a fit was shared
    error : the traceback where the estimator raised (``folds`` is then empty), else None
    warnings : the estimator's warnings while it was fitted, each once
    raced_out : it left a race early, and ``folds`` has only the first folds
    answers : the kept part of its predictions, one array for each fold; empty where none was kept
    """

    number: int
    candidate: Candidate
    folds: tuple[Mapping[str, float], ...]
    fit_seconds: float
    error: str | None = None
    warnings: tuple[str, ...] = ()
    raced_out: bool = False
    answers: tuple[npt.NDArray[Any], ...] = field(default=(), compare=False, repr=False)

    @property
    def finished(self) -> bool:
        """Whether it has a score on every fold."""
        return not self.error and not self.raced_out

    @property
    def reason(self) -> str:
        """The last line of the error, "" where there is none."""
        return (self.error or "").strip().rpartition("\n")[2]

    def mean(self, metric: str) -> float:
        return float(np.mean([fold[metric] for fold in self.folds]))

    def std(self, metric: str) -> float:
        """Standard deviation over the folds (n in the denominator, as scikit-learn's ``std_test_score``)."""
        return float(np.std([fold[metric] for fold in self.folds]))


def best(trials: Iterable[Trial], metric: str) -> Trial | None:
    """The finished trial with the highest mean of ``metric``, the first of equal ones; None where none has finished."""
    finished = (trial for trial in trials if trial.finished)
    return max(finished, key=lambda trial: (trial.mean(metric), -trial.number), default=None)


def evaluate(task: Task, candidates: Mapping[int, Candidate]) -> Iterator[Trial]:
    """Fit and score every candidate on every fold; yields each trial when its last fold is done, in any order.

    It runs in joblib's current configuration (see ``compute.parallel``). ``candidates`` maps the number of a trial to
    its candidate.
    """
    numbers = list(candidates)
    by_candidate: dict[int, dict[int, Scored]] = {i: {} for i in range(len(numbers))}
    for k, scored in results(task, list(candidates.values()), range(len(task.folds))):
        for i, on_fold in scored.items():
            by_candidate[i][k] = on_fold
            if len(by_candidate[i]) == len(task.folds):
                in_order = [by_candidate[i][k] for k in range(len(task.folds))]
                yield trial(numbers[i], candidates[numbers[i]], in_order)


def results(
    task: Task, candidates: Sequence[Candidate], numbers: Sequence[int]
) -> Iterator[tuple[int, dict[int, Scored]]]:
    """Score the candidates on the folds with these ``numbers``, in one flat parallel call.

    Yields the number of a fold and, for the members of a share, position of a candidate -> its score, as they finish.
    Fits that were lost with a worker are repeated, one at a time; those that are lost again get an error.
    """
    work = shares(candidates, task.path, task.pipeline[-1])
    # a single share uses each fold once, so they need not all be in memory
    folds: Any = task.folds if len(work) == 1 else {k: task.folds[k] for k in numbers}

    def fit(part: tuple[Share, int]) -> workers.Work:
        share, k = part
        return score_fold, (task.pipeline, share, task.X, task.y, folds[k], task.score, task.keep)

    lost: list[tuple[Share, int]] = []
    for (share, k), scored in workers.results([(share, k) for share in work for k in numbers], fit):
        if isinstance(scored, workers.Lost):
            lost += [(smaller, k) for smaller in share.split()]
        else:
            yield k, scored
    deadly: dict[tuple[int, ...], str] = {}
    for share, k in lost:
        if share.members not in deadly:
            ((_, scored),) = workers.results([(share, k)], fit)
            if not isinstance(scored, workers.Lost):
                yield k, scored
                continue
            deadly[share.members] = f"WorkerDied: two worker processes died under this fit. {scored.reason}"
        yield k, {i: Scored({}, 0.0, deadly[share.members]) for i in share.members}


def trial(number: int, candidate: Candidate, folds: Sequence[Scored], raced_out: bool = False) -> Trial:
    """The trial of a candidate, from its scores on the folds."""
    seconds = sum(fold.fit_seconds for fold in folds)
    error = next((fold.error for fold in folds if fold.error), None)
    scores = () if error else tuple(fold.scores for fold in folds)
    messages = tuple(sorted({text for fold in folds for text in fold.warnings}))
    answers = tuple(fold.answers for fold in folds if fold.answers is not None)
    return Trial(number, candidate, scores, seconds, error, messages, raced_out, answers)
