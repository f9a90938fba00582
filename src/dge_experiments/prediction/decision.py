"""What to follow up: genes in the order of their chance, how many to expect of the first k, and where to cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import betabinom
from sklearn.isotonic import IsotonicRegression

from dge_experiments.evaluation.proportion import wilson

POINTS = 200
LENGTHS = (10, 20, 40, 100, 200, 500, 1000)
LEVEL = 0.95
SMALLEST = 1e-9

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """What became of genes that the model had not seen, by their score.

    Attributes
    ----------
    score : shape (points,), ascending; scores of such genes
    low, high : shape (points,), the chance of class 1 at that score, calibrated with the gene in question counted
        as class 0 and as class 1 (Venn-Abers)
    above : shape (points,), how many of these genes have the score or a higher one
    reach : of genes from several studies, how far the log odds of another study's rate may lie from the expected ones
    """

    score: Scores
    low: Scores
    high: Scores
    above: npt.NDArray[np.int64]
    reach: float = 0.0

    def at(self, score: npt.ArrayLike) -> tuple[Scores, Scores]:
        """Low and high chance of genes with these scores, shape (genes,); between two points the nearer one's."""
        asked = np.asarray(score, dtype=np.float64)
        middle = (self.score[1:] + self.score[:-1]) / 2
        place = np.searchsorted(middle, asked)
        return self.low[place], self.high[place]

    def chance(self, score: npt.ArrayLike) -> Scores:
        """The one chance between low and high that loses least: ``high / (1 - low + high)``."""
        low, high = self.at(score)
        return np.asarray(high / (1 - low + high))

    @property
    def metadata(self) -> dict[str, Any]:
        """As numbers that a model carries with it."""
        arrays = {name: getattr(self, name).tolist() for name in ("score", "low", "high", "above")}
        return {**arrays, "reach": self.reach}

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Self:
        """From such numbers."""
        values = {name: np.asarray(metadata[name], np.float64) for name in ("score", "low", "high")}
        above = np.asarray(metadata["above"], np.int64)
        return cls(**values, above=above, reach=float(metadata.get("reach", 0.0)))


@dataclass(frozen=True)
class Decision:
    """Attributes
    ----------
    top : how many genes, of the highest chance
    cut : the score of the last of them
    expected : how many of them are expected to be of class 1
    least, most : 95 % range of that number
    """

    top: int
    cut: float
    expected: float
    least: int
    most: int

    @property
    def sentence(self) -> str:
        """The expectation in plain words."""
        if not self.top:
            return "No gene reaches the wanted rate."
        wide = self.most - self.least > self.top / 2
        middle = f", {self.expected:,.0f} on average," if wide else ""
        return (
            f"Of the top {self.top:,} (probability {self.cut:.3g} or more), expect {self.least:,} to "
            f"{self.most:,}{middle} to hold up."
        )


def bounds(y: npt.ArrayLike, score: npt.ArrayLike) -> Bounds:
    """Learn from genes that the model was not fitted on.

    At no more than 200 of their scores, closest at the top, isotonic regression is fitted twice, with one gene of that
    score added as class 0 and as class 1. For genes drawn alike one of the two is a calibrated probability.

    Parameters
    ----------
    y, score : shape (genes,), class codes 0 and 1, and the model's probability of class 1

    References
    ----------
    Vovk, Petej & Fedorova 2015, Large-scale probabilistic predictors with and without guarantees of validity,
    arXiv:1511.00213
    """
    known, given = np.asarray(y, dtype=np.float64), np.asarray(score, dtype=np.float64)
    values, counts = np.unique(given, return_counts=True)
    at_least = np.cumsum(counts[::-1])[::-1]
    rank = np.unique(np.geomspace(1, len(values), POINTS).astype(int))
    points = values[::-1][rank - 1][::-1]
    both = [[_added(given, known, point, label) for point in points] for label in (0.0, 1.0)]
    return Bounds(points, np.array(both[0]), np.array(both[1]), at_least[np.searchsorted(values, points)])


def sentences(score: npt.ArrayLike, known: Bounds, top: int | None, rate: float | None) -> list[str]:
    """What to expect of the ``top`` genes, and where to cut for a ``rate``; of what is asked."""
    said = [] if top is None else [of_top(score, known, top).sentence]
    if rate is not None:
        found = at_rate(score, known, rate)
        cut = (
            f"cut at a probability of {found.cut:.3g}: {found.top:,} genes"
            if found.top
            else "no gene reaches it"
        )
        said.append(f"For a rate of {rate:.0%}, {cut}.")
    return said


def ladder(y: npt.ArrayLike, score: npt.ArrayLike, lengths: Sequence[int] = LENGTHS) -> pd.DataFrame:
    """What became of the first genes of a list whose answers are known, beside what the model promised.

    Parameters
    ----------
    y, score : shape (genes,), class codes 0 and 1, and the model's probability of class 1
    lengths : of the list, ascending; the whole one comes last

    Returns
    -------
    One row per length of the list: `top`, `cut` (the last gene's probability), `promised` (sum of the probabilities),
    `held_up`, `rate` with its 95 % Wilson interval `low`, `high`.
    """
    known, given = np.asarray(y), np.asarray(score, dtype=np.float64)
    order = np.argsort(-given, kind="stable")
    rows = []
    for top in [k for k in lengths if k < len(known)] + [len(known)]:
        first = order[:top]
        held = int(known[first].sum())
        low, high = wilson(held, top)
        rows.append((top, given[first[-1]], given[first].sum(), held, held / top, low, high))
    return pd.DataFrame(rows, columns=["top", "cut", "promised", "held_up", "rate", "low", "high"])


def of_top(score: npt.ArrayLike, known: Bounds, top: int) -> Decision:
    """How many of the ``top`` genes of the highest score (shape (genes,); nan for one without answer) to expect."""
    given = _descending(score)
    return _decided(given, known, min(top, len(given)))


def at_rate(score: npt.ArrayLike, known: Bounds, rate: float) -> Decision:
    """The most genes of the highest scores of whom a share of ``rate`` is expected."""
    given = _descending(score)
    shares = np.cumsum(known.chance(given)) / np.arange(1, len(given) + 1)
    reached = np.flatnonzero(shares >= rate)
    return _decided(given, known, int(reached[-1]) + 1 if len(reached) else 0)


def _descending(score: npt.ArrayLike) -> Scores:
    given = np.asarray(score, dtype=np.float64)
    return np.sort(given[np.isfinite(given)])[::-1]


def _decided(given: Scores, known: Bounds, k: int) -> Decision:
    """The number is beta-binomial: as sure of the rate as the known genes with such scores are many, and of another
    study's rate as far as ``reach`` tells."""
    if not k:
        return Decision(0, float("nan"), 0.0, 0, 0)
    expected = float(known.chance(given[:k]).sum())
    counted = int(known.above[min(np.searchsorted(known.score, given[k - 1]), len(known.above) - 1)])
    share = np.clip(expected / k, SMALLEST, 1 - SMALLEST)
    rates = expit(logit(share) + np.array([-known.reach, known.reach]))
    ends = betabinom(k, rates * counted + 0.5, (1 - rates) * counted + 0.5)
    least, most = ends.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Decision(k, float(given[k - 1]), expected, int(least), int(most))


def _added(score: Scores, y: Scores, point: float, label: float) -> float:
    """Isotonic regression's answer at ``point`` where one gene of that score and label is added."""
    fitted = IsotonicRegression(y_min=0, y_max=1).fit(np.append(score, point), np.append(y, label))
    return float(fitted.predict([point])[0])
