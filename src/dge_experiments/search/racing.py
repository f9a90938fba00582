"""Racing: candidates meet the folds in turn, and one that cannot win, or is plainly worse, leaves early.

Maron & Moore 1994 (NIPS 6); irace: López-Ibáñez et al. 2016, doi:10.1016/j.orp.2016.09.002. Folds are blocks: the
paired test is Fisher's least significant difference of a two-way analysis of variance without interaction, with the
error pooled over all candidates (for two candidates: the paired t-test). The folds share training genes, so the test is
a filter and no proof; a candidate that stays to the end has a score on every fold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from dge_experiments.search.engine import Trial, results, trial
from dge_experiments.search.fold import Scored
from dge_experiments.search.space import Candidate
from dge_experiments.search.task import Task

FIRST_FOLDS = 2  # all candidates meet these
ALPHA = 0.01

Scores = Mapping[int, Sequence[float]]


@dataclass(frozen=True)
class Race:
    """The rules by which candidates leave a search early.

    Attributes
    ----------
    scoring : the metric to maximise
    bounds : the lowest and the highest value the metric can have
    earlier : the best trial of earlier batches, which the candidates compete with
    time_is_over : called before each further fold; once it returns True, only the leader goes on
    """

    scoring: str
    bounds: tuple[float, float] = (-1.0, 1.0)
    earlier: Trial | None = None
    time_is_over: Callable[[], bool] = lambda: False

    def run(self, task: Task, candidates: Mapping[int, Candidate]) -> Iterator[Trial]:
        """As ``engine.evaluate``, but losers leave before the last fold: their trials are ``raced_out``."""
        scored_folds: dict[int, list[Scored]] = {number: [] for number in candidates}
        winner = [fold[self.scoring] for fold in self.earlier.folds] if self.earlier else None
        folds = len(task.folds)
        past, first = 0, min(FIRST_FOLDS, folds)
        for until in range(first, folds + 1):
            if past and scored_folds and self.time_is_over():
                leader = _leader(self._scores(scored_folds))
                scored_folds = {leader: scored_folds[leader]}
            running = list(scored_folds)
            new: dict[int, dict[int, Scored]] = {number: {} for number in running}
            for k, scored in results(task, [candidates[n] for n in running], range(past, until)):
                for i, on_fold in scored.items():
                    new[running[i]][k] = on_fold
            for number in running:
                scored_folds[number] += [new[number][k] for k in range(past, until)]
            past = until
            for number in [n for n in running if any(fold.error for fold in scored_folds[n])]:
                yield trial(number, candidates[number], scored_folds.pop(number))
            for number in leaving(self._scores(scored_folds), winner, folds, self.bounds):
                yield trial(number, candidates[number], scored_folds.pop(number), raced_out=True)
        for number, all_folds in scored_folds.items():
            yield trial(number, candidates[number], all_folds)

    def _scores(self, scored_folds: Mapping[int, Sequence[Scored]]) -> dict[int, list[float]]:
        return {
            number: [fold.scores[self.scoring] for fold in folds] for number, folds in scored_folds.items()
        }


def leaving(
    scores: Scores, winner: Sequence[float] | None, folds: int, bounds: tuple[float, float] = (-1.0, 1.0)
) -> list[int]:
    """Numbers of the candidates that leave the race, given all scores on the folds so far; none after the last fold.

    Parameters
    ----------
    scores : number -> its score on each of the first folds, as many for all
    winner : scores of the winner of earlier batches on all folds, or None
    folds : how many folds there are
    bounds : the lowest and the highest possible score

    Notes
    -----
    The leader has the highest mean on the folds so far. A candidate leaves (1) where even the highest possible scores
    on the remaining folds do not lift it above the leader with the lowest possible ones (or above the earlier winner's
    scores), (2) where it is behind the leader by more than the least significant difference, one-sided, at 1 %.
    """
    if not scores:
        return []
    past = len(next(iter(scores.values())))
    folds_left = folds - past
    if folds_left <= 0:
        return []
    lowest, highest = bounds
    leader = _leader(scores)
    field, guaranteed = dict(scores), sum(scores[leader]) + folds_left * lowest
    if winner is not None:
        guaranteed = max(guaranteed, sum(winner))
        field[-1] = winner[:past]
        if np.mean(winner[:past]) >= np.mean(scores[leader]):
            leader = -1
    least = _least_significant(np.array(list(field.values())))
    return [
        number
        for number, own_scores in scores.items()
        if number != leader
        and (
            sum(own_scores) + folds_left * highest < guaranteed
            or np.mean(field[leader]) - np.mean(own_scores) > least
        )
    ]


def _leader(scores: Scores) -> int:
    return max(scores, key=lambda number: (np.mean(scores[number]), -number))


def _least_significant(scores: npt.NDArray[np.float64]) -> float:
    """The smallest significant lead; ``scores`` has shape (candidates, folds so far), equal rows count once.

    Infinite where the scores leave no residual to estimate the noise from.
    """
    rows = np.unique(scores, axis=0)
    candidates, folds = rows.shape
    freedom = (candidates - 1) * (folds - 1)
    noise = rows - rows.mean(axis=1, keepdims=True) - rows.mean(axis=0) + rows.mean()
    squares = np.sum(noise**2)
    if freedom == 0 or squares < 1e-24:  # leads equal to rounding: chance on coarse scores
        return float("inf")
    return float(student.ppf(1 - ALPHA, freedom) * np.sqrt(2 * squares / freedom / folds))
