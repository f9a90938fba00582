"""Whether a predicted probability of 0.3 means three in ten."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.proportion import LEVEL, wilson

BINS = 10
Strategy = Literal["uniform", "quantile"]


def reliability(
    y: ArrayLike,
    probability: ArrayLike,
    *,
    bins: int = BINS,
    strategy: Strategy = "uniform",
    level: float = LEVEL,
) -> pd.DataFrame:
    """The reliability curve: predicted probability against what came true, in bins.

    Parameters
    ----------
    y : shape (genes,), class codes 0, 1, ...
    probability : shape (genes,), of class 1, compared with the share of genes of class 1; or shape
        (genes, classes), whose top-label confidence is compared with the share predicted rightly
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
    share = np.linspace(0, 1, bins + 1)
    edges = share if strategy == "uniform" else np.unique(np.quantile(confidence, share))
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, max(len(edges) - 2, 0))
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
