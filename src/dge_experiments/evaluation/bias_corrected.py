"""A tuned cross-validation score, corrected for the selection of the best candidate: BBC-CV."""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.evaluation.resampled import Statistic
from dge_experiments.problem.sample import stratified
from dge_experiments.problem.split import Split
from dge_experiments.search.prediction import Keep, Kept, Prediction
from dge_experiments.search.study import Study

DRAWS = 500
AT_ONCE = 50  # draws at a time: their counts fit in the processor's cache
MOST_GENES = 20_000  # genes for which a trial's answers are kept, at most
ENDS = (2.5, 97.5)
KEPT: dict[str, Kept] = {"answers": "class", "ranking": "ranking", "probability": "probability"}

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BiasCorrected:
    """Attributes
    ----------
    score : the cross-validated score, corrected for the selection
    low, high : ends of its 95 % interval
    optimism : what was subtracted
    candidates : how many the search chose from
    """

    score: float
    low: float
    high: float
    optimism: float
    candidates: int


def answers_to_keep(scoring: str, y: Labels, split: Split, seed: int) -> Keep:
    """What a search keeps of each trial's out-of-fold predictions: the part that ``scoring`` reads.

    Above 20,000 genes it keeps a stratified sample of each fold, so that a million genes need no more memory.
    """
    scored = [score_on for _, score_on in split.folds]
    part = KEPT[REGISTRY[scoring].needs]
    if sum(map(len, scored)) <= MOST_GENES:
        return Keep(part)
    most = max(MOST_GENES // len(scored), len(np.unique(y)))
    return Keep(part, np.sort(np.concatenate([stratified(rows, y, most, seed) for rows in scored])))


def bias_corrected(
    study: Study, cv: float, y: Labels, split: Split, *, seed: int, draws: int = DRAWS
) -> BiasCorrected | None:
    """Bootstrap the choice over the out-of-fold predictions that the trials have kept; nothing is fitted again.

    Each draw takes genes with replacement (all rows of a gene together, each class as often as it occurs). On them it
    chooses the candidate with the best mean over the folds, as the search does, and scores it on the genes that were
    not drawn. There, the score of the search's choice less the score of the draw's choice is on average the optimism
    of the selection: it is subtracted from ``cv``. Both are scored on the same genes, so that a metric which depends on
    the number of genes, such as average precision, adds no optimism. The interval is that of the draws' choices; each
    is scored on about 37 % of the genes, so that it is too wide rather than too narrow.

    Candidates that were raced out have no score on every fold and cannot be chosen (BBCD in the paper). What the
    search learned from trial to trial, and a calibration or a threshold, are not chosen again. Where the
    cross-validation was repeated on other folds of the same genes, the same optimism is subtracted, which is too much
    rather than too little. With one candidate nothing is subtracted.

    Parameters
    ----------
    study : its trials have kept answers as ``answers_to_keep`` says
    cv : the score to correct: that of the search's choice, as it is reported
    y : shape (genes,), class codes
    split : the search's
    draws : bootstrap samples

    Returns
    -------
    None where answers were not kept, or where no fold ever has all classes among the genes not drawn; the log says why

    References
    ----------
    Tsamardinos, Greasidou & Borboudakis 2018, doi:10.1007/s10994-018-5714-4
    """
    trials, keep = study.finished, answers_to_keep(study.scoring, y, split, seed)
    scored = [keep.among(score_on) for _, score_on in split.folds]
    sizes = list(map(len, scored))
    missing = sum(list(map(len, trial.answers)) != sizes for trial in trials)
    if missing:
        log.warning("no bias-corrected score: %d of %d trials have kept no answers", missing, len(trials))
        return None
    rows = np.concatenate(scored)
    bags = _Bags(y[rows], None if split.groups is None else split.groups[rows], sizes)
    statistics = [
        [
            _statistic(study.scoring, keep.part, y[on], answers)
            for on, answers in zip(scored, trial.answers, strict=True)
        ]
        for trial in trials
    ]
    best_scores, chosen_scores = _draw_scores(bags, statistics, trials.index(study.best), draws, seed)
    finite = ~np.isnan(chosen_scores)
    if not finite.any():
        log.warning("no bias-corrected score: too few genes of a class to leave some out")
        return None
    optimism = float(np.mean(best_scores[finite] - chosen_scores[finite]))
    ends = np.percentile(chosen_scores[finite], ENDS) - best_scores[finite].mean() + cv
    low, high = np.clip(ends, *REGISTRY[study.scoring].bounds)
    return BiasCorrected(cv - optimism, float(low), float(high), optimism, len(trials))


def _draw_scores(
    bags: "_Bags", statistics: Sequence[Sequence[Statistic]], best: int, draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Scores on the genes that each draw leaves out, shape (draws,): of the search's choice, ``best``, and of the
    draw's choice; ``statistics`` are of each candidate on each fold."""
    best_scores, chosen_scores, rng = np.empty(draws), np.empty(draws), np.random.default_rng(seed)
    for start in range(0, draws, AT_ONCE):
        block = slice(start, min(start + AT_ONCE, draws))
        counts = bags.draw(rng, block.stop - block.start)
        inside, outside = bags.folds(counts), bags.folds(counts == 0)
        scores = np.array([_over_folds(of_candidate, inside) for of_candidate in statistics])
        choices = np.where(np.isnan(scores), -np.inf, scores).argmax(axis=0)
        for i in np.unique(choices):
            chose_i = np.flatnonzero(choices == i)
            folds = [(part[chose_i], complete[chose_i]) for part, complete in outside]
            chosen_scores[start + chose_i] = _over_folds(statistics[i], folds)
        best_scores[block] = _over_folds(statistics[best], outside)
    return best_scores, chosen_scores


class _Bags:
    """Bootstrap samples of genes that were scored in folds.

    Parameters
    ----------
    y, groups : shape (rows,), classes, and codes that are equal where rows share a gene; fold after fold
    sizes : rows of each fold
    """

    def __init__(self, y: Labels, groups: npt.NDArray[Any] | None, sizes: Sequence[int]) -> None:
        self.unit = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
        classes = np.arange(y.max() + 1)
        holds = np.zeros((self.unit.max() + 1, len(classes)), dtype=bool)
        holds[self.unit, y] = True
        stratum = np.unique(holds, axis=0, return_inverse=True)[1].ravel()
        self.strata = [np.flatnonzero(stratum == number) for number in range(stratum.max() + 1)]
        self.ends = np.cumsum(sizes)[:-1]
        members = (y[:, None] == classes).astype(np.float64)
        self.members = [
            fold_members[:, fold_members.any(axis=0)] for fold_members in np.split(members, self.ends)
        ]

    def draw(self, rng: np.random.Generator, draws: int) -> npt.NDArray[np.int64]:
        """How often each row is drawn, shape (draws, rows); from each stratum as many genes as it has."""
        counts = np.zeros((draws, self.unit.max() + 1), dtype=np.int64)
        for row in counts:
            for genes in self.strata:
                row[genes] = np.bincount(rng.integers(len(genes), size=len(genes)), minlength=len(genes))
        return counts[:, self.unit]

    def folds(self, counts: npt.NDArray[Any]) -> list[tuple[Floats, npt.NDArray[np.bool_]]]:
        """For each fold, its counts and whether all of its classes are among the genes of each draw."""
        parts = [part.astype(np.float64) for part in np.split(counts, self.ends, axis=1)]
        return [
            (part, (part @ members > 0).all(axis=1))
            for part, members in zip(parts, self.members, strict=True)
        ]


def _statistic(scoring: str, part: Kept, y: Labels, answers: npt.NDArray[Any]) -> Statistic:
    """The score of a fold's answers, as a function of how often each gene counts."""
    called = answers.astype(np.int64) if part == "class" else np.zeros(len(y), np.int64)
    prediction = Prediction(called, answers, answers if part == "probability" else None)
    return REGISTRY[scoring].statistic(y, prediction)


def _over_folds(
    statistics: Sequence[Statistic], folds: Sequence[tuple[Floats, npt.NDArray[np.bool_]]]
) -> Floats:
    """Mean over the folds that have all their classes, shape (draws,); nan where none has."""
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        by_fold = [
            np.where(complete, statistic(counts), np.nan)
            for statistic, (counts, complete) in zip(statistics, folds, strict=True)
        ]
        return np.asarray(np.nanmean(by_fold, axis=0))
