"""What a tuned cross-validation score is worth once the luck of the choice is taken off: BBC-CV."""

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
AT_ONCE = 50  # draws whose counts stay in the processor's cache
MOST_GENES = 20_000  # of which each trial's answers are kept
ENDS = (2.5, 97.5)
KEPT: dict[str, Kept] = {"answers": "class", "ranking": "ranking", "probability": "probability"}

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BiasCorrected:
    """Attributes
    ----------
    score : the cross-validated score without the luck of the choice
    low, high : ends of its 95 % interval
    optimism : what was taken off
    candidates : how many the search chose from
    """

    score: float
    low: float
    high: float
    optimism: float
    candidates: int


def kept(scoring: str, y: Labels, split: Split, seed: int) -> Keep:
    """What a search keeps of each trial's out-of-fold predictions: all that ``scoring`` reads of them.

    Of more than 20,000 genes a sample, each class in its share in each fold, so that a million genes need no more
    memory.
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

    Each draw takes genes with replacement (all rows of a gene together, each class as often as there is), chooses the
    candidate with the best mean over the folds on them, as the search does, and scores it on the genes that were not
    drawn. What the search's own choice scores there, less what the draw's choice scores, is on average the luck of
    the choice: it is taken off ``cv``. Both are scored on the same genes, so that a metric which depends on the number
    of genes, such as average precision, does not count as luck. The interval is that of the draws' choices; each is
    scored on about 37 % of the genes, so that it is rather too wide than too narrow.

    Candidates that were raced out have no score on every fold and cannot be chosen (BBCD in the paper). What the
    search learned from trial to trial, and a calibration or a threshold, are not chosen again. From a cross-validation
    repeated on other folds of the same genes as much is taken off, rather too much than too little. With one candidate
    nothing is taken off.

    Parameters
    ----------
    study : its trials have kept answers as ``kept`` says
    cv : the score to correct: of the search's choice, adjusted and repeated as it is reported
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
    trials, keep = study.finished, kept(study.scoring, y, split, seed)
    scored = [keep.among(score_on) for _, score_on in split.folds]
    lost = [
        trial.number for trial in trials if [len(each) for each in trial.answers] != list(map(len, scored))
    ]
    if lost:
        log.warning("no bias-corrected score: %d of %d trials have kept no answers", len(lost), len(trials))
        return None
    rows = np.concatenate(scored)
    bags = _Bags(
        y[rows], None if split.groups is None else split.groups[rows], [len(each) for each in scored]
    )
    statistics = [
        [
            _statistic(study.scoring, keep.part, y[on], said)
            for on, said in zip(scored, trial.answers, strict=True)
        ]
        for trial in trials
    ]
    own, chosen, rng = np.empty(draws), np.empty(draws), np.random.default_rng(seed)
    for start in range(0, draws, AT_ONCE):
        now = slice(start, min(start + AT_ONCE, draws))
        counts = bags.drawn(rng, now.stop - now.start)
        inside, outside = bags.folds(counts), bags.folds(counts == 0)
        scores = np.array([_over_folds(each, inside) for each in statistics])
        choices = np.where(np.isnan(scores), -np.inf, scores).argmax(axis=0)
        for i in np.unique(choices):
            of = np.flatnonzero(choices == i)
            chosen[start + of] = _over_folds(
                statistics[i], [(part[of], whole[of]) for part, whole in outside]
            )
        own[now] = _over_folds(statistics[trials.index(study.best)], outside)
    known = ~np.isnan(chosen)
    if not known.any():
        log.warning("no bias-corrected score: too few genes of a class to leave some out")
        return None
    optimism = float(np.mean(own[known] - chosen[known]))
    ends = np.percentile(chosen[known], ENDS) - own[known].mean() + cv
    low, high = np.clip(ends, *REGISTRY[study.scoring].bounds)
    return BiasCorrected(cv - optimism, float(low), float(high), optimism, len(trials))


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
        self.members = [each[:, each.any(axis=0)] for each in np.split(members, self.ends)]

    def drawn(self, rng: np.random.Generator, draws: int) -> npt.NDArray[np.int64]:
        """How often each row is drawn, shape (draws, rows); genes of the same classes as often as there are."""
        counts = np.zeros((draws, self.unit.max() + 1), dtype=np.int64)
        for row in counts:
            for genes in self.strata:
                row[genes] = np.bincount(rng.integers(len(genes), size=len(genes)), minlength=len(genes))
        return counts[:, self.unit]

    def folds(self, counts: npt.NDArray[Any]) -> list[tuple[Floats, npt.NDArray[np.bool_]]]:
        """For each fold its counts, and in which draws all classes that it has are among them."""
        parts = [part.astype(np.float64) for part in np.split(counts, self.ends, axis=1)]
        return [(part, (part @ of > 0).all(axis=1)) for part, of in zip(parts, self.members, strict=True)]


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
        each = [
            np.where(whole, statistic(counts), np.nan)
            for statistic, (counts, whole) in zip(statistics, folds, strict=True)
        ]
        return np.asarray(np.nanmean(each, axis=0))
