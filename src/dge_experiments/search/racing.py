"""Racing: candidates meet the folds in turn, and one that cannot win, or is plainly worse, leaves early.

Maron & Moore 1994 (NIPS 6); irace: López-Ibáñez et al. 2016, doi:10.1016/j.orp.2016.09.002. Folds are blocks: the
paired test is Fisher's least significant difference of a two-way analysis of variance without interaction, its error
pooled over all candidates (of two candidates: the paired t-test). The folds share training genes, so it is a filter and
no proof; what stays to the end has a score on every fold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from dge_experiments.search.engine import Trial, results, trial
from dge_experiments.search.fold import Scored
from dge_experiments.search.space import Candidate
from dge_experiments.search.task import Task

FIRST_FOLDS = 2  # all candidates meet these
ALPHA = 0.01
LOWEST, HIGHEST = -1.0, 1.0  # of any metric here: MCC goes down to -1, no other below 0


def race(
    task: Task,
    candidates: Mapping[int, Candidate],
    scoring: str,
    *,
    earlier: Trial | None = None,
    hurry: Callable[[], bool] = lambda: False,
) -> Iterator[Trial]:
    """As ``engine.evaluate``, but losers leave before the last fold: their trials are ``raced_out``.

    Parameters
    ----------
    earlier : the best trial of earlier batches, which runs along
    hurry : asked before each further fold whether only the leader is to meet the rest
    """
    done: dict[int, list[Scored]] = {number: [] for number in candidates}
    ran_along = [fold[scoring] for fold in earlier.folds] if earlier else None
    folds = len(task.folds)
    seen, first = 0, min(FIRST_FOLDS, folds)
    for until in range(first, folds + 1):
        if seen and done and hurry():
            leader = _leader({n: [one.scores[scoring] for one in kept] for n, kept in done.items()})
            done = {leader: done[leader]}
        running = list(done)
        new: dict[int, dict[int, Scored]] = {number: {} for number in running}
        for k, scored in results(task, [candidates[n] for n in running], range(seen, until)):
            for i, one in scored.items():
                new[running[i]][k] = one
        for number in running:
            done[number] += [new[number][k] for k in range(seen, until)]
        seen = until
        for number in [n for n in running if any(one.error for one in done[n])]:
            yield trial(number, candidates[number], done.pop(number))
        scores = {number: [one.scores[scoring] for one in kept] for number, kept in done.items()}
        for number in leaving(scores, ran_along, folds):
            yield trial(number, candidates[number], done.pop(number), raced_out=True)
    for number, kept in done.items():
        yield trial(number, candidates[number], kept)


def leaving(scores: Mapping[int, Sequence[float]], best: Sequence[float] | None, folds: int) -> list[int]:
    """Who leaves the race, given everyone's scores on the folds so far; nobody after the last fold.

    Parameters
    ----------
    scores : number -> its score on each of the first folds, as many for all
    best : scores of an earlier winner on all folds, or None
    folds : how many folds there are

    Notes
    -----
    The leader has the highest mean on the folds so far. Out is (1) whom even the highest scores on the rest cannot
    bring above the leader with the lowest (above the earlier winner as it is), (2) who is behind the leader by more
    than the least significant difference, one-sided, at 1 %.
    """
    if not scores:
        return []
    seen = len(next(iter(scores.values())))
    rest = folds - seen
    if rest <= 0:
        return []
    leader = _leader(scores)
    field, sure = dict(scores), sum(scores[leader]) + rest * LOWEST
    if best is not None:
        sure = max(sure, sum(best))
        field[-1] = best[:seen]
        if np.mean(best[:seen]) >= np.mean(scores[leader]):
            leader = -1
    least = _least_significant(np.array(list(field.values())))
    return [
        number
        for number, own in scores.items()
        if number != leader
        and (sum(own) + rest * HIGHEST < sure or np.mean(field[leader]) - np.mean(own) > least)
    ]


def _leader(scores: Mapping[int, Sequence[float]]) -> int:
    return max(scores, key=lambda number: (np.mean(scores[number]), -number))


def _least_significant(scores: npt.NDArray[np.float64]) -> float:
    """The lead that is significant; ``scores`` has shape (candidates, folds so far), equal rows count once.

    Infinite where the candidates do not differ between the folds in a way that would tell the noise.
    """
    rows = np.unique(scores, axis=0)
    candidates, folds = rows.shape
    freedom = (candidates - 1) * (folds - 1)
    noise = rows - rows.mean(axis=1, keepdims=True) - rows.mean(axis=0) + rows.mean()
    squares = np.sum(noise**2)
    if freedom == 0 or squares < 1e-24:  # leads equal to rounding: chance on coarse scores
        return float("inf")
    return float(student.ppf(1 - ALPHA, freedom) * np.sqrt(2 * squares / freedom / folds))
