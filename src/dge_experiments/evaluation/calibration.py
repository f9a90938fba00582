"""Calibration: whether three in ten of the genes with a predicted probability of 0.3 are of the class."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from dge_experiments.errors import BadInput
from dge_experiments.evaluation import calibrators
from dge_experiments.evaluation.proportion import LEVEL, wilson

BINS = 10
DRAWS = 500
RARE = 0.2
Strategy = Literal["uniform", "quantile"]


def reliability(
    y: ArrayLike,
    probability: ArrayLike,
    *,
    bins: int = BINS,
    strategy: Strategy = "uniform",
    level: float = LEVEL,
) -> pd.DataFrame:
    """The reliability curve: predicted probability against the observed fraction, in bins.

    Parameters
    ----------
    y : shape (genes,), class codes 0, 1, ...
    probability : shape (genes,), of class 1, compared with the share of genes of class 1; or shape
        (genes, classes), whose top-label confidence is compared with the share of correct predictions
    bins : number of bins
    strategy : ``uniform`` cuts [0, 1] into equal widths, ``quantile`` into equal numbers of genes (for rare
        classes, whose probabilities crowd in the lowest uniform bin)
    level : of the Wilson interval of the fraction

    Returns
    -------
    One row per bin that holds genes: `bin` (from 0), `low` and `high` edge (low < p <= high, 0 in the first),
    `mean_predicted`, `fraction`, `count`, `fraction_low`, `fraction_high`.

    Raises
    ------
    BadInput
        no genes, lengths that differ, a probability outside [0, 1], fewer than one bin

    References
    ----------
    Guo et al. 2017, arXiv:1706.04599
    """
    confidence, came_true = _confidence(y, probability)
    if bins < 1:
        raise BadInput(f"1 <= bins must hold, but got bins={bins}")
    place, edges = _place(confidence, bins, strategy)
    rows = []
    for number in np.unique(place):
        members = place == number
        count, true = int(members.sum()), int(came_true[members].sum())
        low, high = edges[number], edges[min(number + 1, len(edges) - 1)]
        mean = confidence[members].mean()
        rows.append((int(number), low, high, mean, true / count, count, *wilson(true, count, level)))
    names = ["bin", "low", "high", "mean_predicted", "fraction", "count", "fraction_low", "fraction_high"]
    return pd.DataFrame(rows, columns=names)


def expected_calibration_error(
    y: ArrayLike, probability: ArrayLike, *, bins: int = BINS, strategy: Strategy = "uniform"
) -> float:
    """Mean over the genes of the distance of fraction and mean predicted in their bin; see `reliability`.

    References
    ----------
    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602; Guo et al. 2017, arXiv:1706.04599
    """
    curve = reliability(y, probability, bins=bins, strategy=strategy)
    gap = (curve["fraction"] - curve["mean_predicted"]).abs()
    return float(np.average(gap, weights=curve["count"]))


def slope_and_intercept(y: ArrayLike, probability: ArrayLike) -> tuple[float, float]:
    """Logistic regression of the class on the log odds of its probability: 1 and 0 where it is calibrated.

    A slope below 1 means probabilities that are too far from the prevalence. For three classes or more, the regression
    is of correct answers on the confidence in them.

    References
    ----------
    Cox 1958, doi:10.1093/biomet/45.3-4.562
    """
    confidence, came_true = _confidence(y, probability)
    if came_true.all() or not came_true.any() or np.ptp(confidence) == 0:
        return float("nan"), float("nan")
    score = calibrators.log_odds(confidence)[:, None]
    regression = LogisticRegression(C=calibrators.HARDLY, max_iter=1_000).fit(score, came_true)
    return float(regression.coef_[0, 0]), float(regression.intercept_[0])


def error_if_calibrated(
    probability: ArrayLike, *, seed: int, bins: int = BINS, strategy: Strategy = "uniform", draws: int = DRAWS
) -> tuple[float, float]:
    """Limits of 95 % of the values of `expected_calibration_error` for perfectly calibrated probabilities: the classes
    are drawn with these probabilities.

    Parameters
    ----------
    seed : of the draws

    References
    ----------
    Bröcker & Smith 2007, doi:10.1175/WAF993.1 (consistency resampling)
    """
    p = np.asarray(probability, dtype=np.float64)
    confidence = p if p.ndim == 1 else p.max(axis=1)
    place = _place(confidence, bins, strategy)[0]
    cells = int(place.max()) + 1
    expected = np.bincount(place, weights=confidence, minlength=cells)
    rng = np.random.default_rng(seed)
    errors = []
    for _ in range(draws):
        true = np.bincount(place, weights=rng.random(len(confidence)) < confidence, minlength=cells)
        errors.append(np.abs(true - expected).sum() / len(confidence))
    low, high = np.quantile(errors, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def binning(y: ArrayLike) -> Strategy:
    """Bins of equal numbers of genes for two classes where the rarer has less than 20 %, else bins of equal widths."""
    counts = np.bincount(np.asarray(y))
    return "quantile" if len(counts) == 2 and counts.min() < RARE * counts.sum() else "uniform"


def _place(
    confidence: NDArray[np.float64], bins: int, strategy: Strategy
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The bin of each gene and the bins' edges."""
    share = np.linspace(0, 1, bins + 1)
    edges = share if strategy == "uniform" else np.unique(np.quantile(confidence, share))
    return np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, max(len(edges) - 2, 0)), edges


def _confidence(y: ArrayLike, probability: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    codes, p = np.asarray(y), np.asarray(probability, dtype=np.float64)
    if len(codes) == 0 or len(codes) != len(p):
        raise BadInput(
            f"calibration needs a label and a probability per gene, but got {len(codes)} labels "
            f"and {len(p)} probabilities"
        )
    wrong = ~((p >= 0) & (p <= 1))
    if wrong.any():
        row = int(np.argwhere(wrong)[0][0])
        raise BadInput(f"row {row + 1}: {p[wrong][0]} is not a probability; 0 <= p <= 1 must hold")
    if p.ndim == 1:
        return p, codes == 1
    return p.max(axis=1), codes == p.argmax(axis=1)
