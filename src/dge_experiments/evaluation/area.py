"""Intervals of the area under a curve: ROC AUC and average precision of one class against the rest."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm
from scipy.stats import t as student

from dge_experiments.evaluation.proportion import LEVEL, Limits

PRIOR_GENES, PRIOR_RATIO = 10, 1.5  # see `auc_limits`
TINY = 1e-12

Floats = NDArray[np.float64]


def auc_limits(auc: float, influences: Floats, sizes: tuple[float, float], effect: float = 1.0) -> Limits:
    """Newcombe's score interval of a ROC AUC (his method 5), with its variance corrected by DeLong's.

    Newcombe's variance assumes exponential scores; with many genes, DeLong's is the true one, and with few it is too
    small. So the ratio of the two is averaged with a prior ratio of 1.5, which weighs as much as 10 genes of the
    smaller class.

    Parameters
    ----------
    influences : shape (genes,), of `influence.roc_auc`
    sizes : genes in the class and in the rest
    effect : design effect of the groups on the variance; the sizes are divided by it

    References
    ----------
    Newcombe 2006, doi:10.1002/sim.2324; Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747;
    DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595
    """
    in_class, in_rest = (max(1.0, size / effect) for size in sizes)
    z, mean_size = norm.ppf((1 + LEVEL) / 2), (in_class + in_rest) / 2 - 1

    def variance(a: float) -> float:
        return a * (1 - a) * (1 + mean_size * ((1 - a) / (2 - a) + a / (1 + a))) / (in_class * in_rest)

    ratio = 1.0
    if 0 < auc < 1:
        genes, delong = min(in_class, in_rest), effect * float(influences @ influences)
        ratio = (genes * delong / variance(auc) + PRIOR_GENES * PRIOR_RATIO) / (genes + PRIOR_GENES)

    def lead(a: float, sign: float) -> float:
        return float(sign * (a - auc) - z * np.sqrt(ratio * max(0.0, variance(a))))

    low = 0.0 if auc <= TINY else brentq(lead, TINY, min(auc, 1 - TINY), args=(-1.0,))
    high = 1.0 if auc >= 1 - TINY else brentq(lead, max(auc, TINY), 1 - TINY, args=(1.0,))
    return float(low), float(high)


def average_precision_limits(score: float, influences: Floats, genes: float, effect: float = 1.0) -> Limits:
    """Interval of an average precision on the scale of its log odds, by Student's t with `genes` - 1.

    One gene with the variance of a proportion is added to the variance of the influences. A score of 1 counts as
    1 - 1 / (2 `genes`), with the variance of a proportion alone.

    Parameters
    ----------
    influences : shape (genes,), of `influence.average_precision`
    genes : number of genes of the class
    effect : design effect of the groups on the variance

    References
    ----------
    Boyd, Eng & Page 2013, doi:10.1007/978-3-642-40994-3_29 (log odds)
    """
    genes = genes / effect
    if genes <= 1:
        return 0.0, 1.0
    centre = score if score < 1 else 1 - 1 / (2 * genes)
    slope = centre * (1 - centre)
    variance = slope / genes
    if score < 1:
        observed = effect * float(influences @ influences) * genes / (genes - 1)
        variance = (genes * observed + variance) / (genes + 1)
    reach = student.ppf((1 + LEVEL) / 2, genes - 1) * np.sqrt(variance) / slope
    low, high = expit(np.log(centre / (1 - centre)) + np.array([-reach, reach]))
    return float(low), max(score, float(high))
