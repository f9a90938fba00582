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
    """What became of genes that the model was not fitted on, by their score.

    Attributes
    ----------
    score : shape (points,), ascending; scores of these genes
    low, high : shape (points,), the chance of class 1 at that score, calibrated with the gene in question counted
        as class 0 and as class 1 (Venn-Abers)
    above : shape (points,), how many of these genes have at least that score
    reach : for genes from several studies, how far the log odds of a new study's rate may lie from the expected ones
    """

    score: Scores
    low: Scores
    high: Scores
    above: npt.NDArray[np.int64]
    reach: float = 0.0

    def at(self, score: npt.ArrayLike) -> tuple[Scores, Scores]:
        """Low and high chance of genes with these scores, shape (genes,): those of the nearest point."""
        values = np.asarray(score, dtype=np.float64)
        middle = (self.score[1:] + self.score[:-1]) / 2
        place = np.searchsorted(middle, values)
        return self.low[place], self.high[place]

    def chance(self, score: npt.ArrayLike) -> Scores:
        """The chance between low and high that is minimax for the log loss: ``high / (1 - low + high)``."""
        low, high = self.at(score)
        return np.asarray(high / (1 - low + high))

    @property
    def metadata(self) -> dict[str, Any]:
        """The bounds as plain numbers, stored with the model."""
        arrays = {name: getattr(self, name).tolist() for name in ("score", "low", "high", "above")}
        return {**arrays, "reach": self.reach}

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Self:
        """The bounds from these numbers."""
        values = {name: np.asarray(metadata[name], np.float64) for name in ("score", "low", "high")}
        above = np.asarray(metadata["above"], np.int64)
        return cls(**values, above=above, reach=float(metadata.get("reach", 0.0)))


@dataclass(frozen=True)
class Decision:
    """Attributes
    ----------
    top : how many genes, those of the highest chance
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

    At up to 200 of their scores, most densely at the top, isotonic regression is fitted twice: with one gene of that
    score added as class 0, and as class 1. For exchangeable genes one of the two is a calibrated probability.

    Parameters
    ----------
    y, score : shape (genes,), class codes 0 and 1, and the model's probability of class 1

    References
    ----------
    Vovk, Petej & Fedorova 2015, Large-scale probabilistic predictors with and without guarantees of validity,
    arXiv:1511.00213
    """
    labels, scores = np.asarray(y, dtype=np.float64), np.asarray(score, dtype=np.float64)
    values, counts = np.unique(scores, return_counts=True)
    at_least = np.cumsum(counts[::-1])[::-1]
    rank = np.unique(np.geomspace(1, len(values), POINTS).astype(int))
    points = values[::-1][rank - 1][::-1]
    by_label = [[_added(scores, labels, point, label) for point in points] for label in (0.0, 1.0)]
    return Bounds(
        points, np.array(by_label[0]), np.array(by_label[1]), at_least[np.searchsorted(values, points)]
    )


def sentences(score: npt.ArrayLike, limits: Bounds, top: int | None, rate: float | None) -> list[str]:
    """What to expect of the ``top`` genes, and where to cut for a ``rate``; None leaves a sentence out."""
    texts = [] if top is None else [of_top(score, limits, top).sentence]
    if rate is not None:
        decision = at_rate(score, limits, rate)
        cut = (
            f"cut at a probability of {decision.cut:.3g}: {decision.top:,} genes"
            if decision.top
            else "no gene reaches it"
        )
        texts.append(f"For a rate of {rate:.0%}, {cut}.")
    return texts


def ladder(y: npt.ArrayLike, score: npt.ArrayLike, lengths: Sequence[int] = LENGTHS) -> pd.DataFrame:
    """What became of the first genes of a list with known labels, compared with what the model promised.

    Parameters
    ----------
    y, score : shape (genes,), class codes 0 and 1, and the model's probability of class 1
    lengths : of the list, ascending; the full list comes last

    Returns
    -------
    One row per length of the list: `top`, `cut` (the last gene's probability), `promised` (sum of the probabilities),
    `held_up`, `rate` with its 95 % Wilson interval `low`, `high`.
    """
    labels, scores = np.asarray(y), np.asarray(score, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    rows = []
    for top in [k for k in lengths if k < len(labels)] + [len(labels)]:
        first = order[:top]
        held_up = int(labels[first].sum())
        low, high = wilson(held_up, top)
        rows.append((top, scores[first[-1]], scores[first].sum(), held_up, held_up / top, low, high))
    return pd.DataFrame(rows, columns=["top", "cut", "promised", "held_up", "rate", "low", "high"])


def of_top(score: npt.ArrayLike, limits: Bounds, top: int) -> Decision:
    """How many of class 1 to expect among the ``top`` highest of ``score`` (shape (genes,); NaN where no answer)."""
    scores = _descending(score)
    return _decided(scores, limits, min(top, len(scores)))


def at_rate(score: npt.ArrayLike, limits: Bounds, rate: float) -> Decision:
    """The longest list of the highest scores in which a share of ``rate`` is expected to be of class 1."""
    scores = _descending(score)
    shares = np.cumsum(limits.chance(scores)) / np.arange(1, len(scores) + 1)
    reached = np.flatnonzero(shares >= rate)
    return _decided(scores, limits, int(reached[-1]) + 1 if len(reached) else 0)


def _descending(score: npt.ArrayLike) -> Scores:
    scores = np.asarray(score, dtype=np.float64)
    return np.sort(scores[np.isfinite(scores)])[::-1]


def _decided(scores: Scores, limits: Bounds, k: int) -> Decision:
    """The number is beta-binomial.

    The more genes of ``limits`` have such scores, the surer its rate; ``reach`` widens it by how far the rate of a new
    study may lie.
    """
    if not k:
        return Decision(0, float("nan"), 0.0, 0, 0)
    expected = float(limits.chance(scores[:k]).sum())
    counted = int(limits.above[min(np.searchsorted(limits.score, scores[k - 1]), len(limits.above) - 1)])
    share = np.clip(expected / k, SMALLEST, 1 - SMALLEST)
    rates = expit(logit(share) + np.array([-limits.reach, limits.reach]))
    ends = betabinom(k, rates * counted + 0.5, (1 - rates) * counted + 0.5)
    least, most = ends.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Decision(k, float(scores[k - 1]), expected, int(least), int(most))


def _added(score: Scores, y: Scores, point: float, label: float) -> float:
    """Isotonic regression's answer at ``point`` when one gene with that score and label is added."""
    fitted = IsotonicRegression(y_min=0, y_max=1).fit(np.append(score, point), np.append(y, label))
    return float(fitted.predict([point])[0])
