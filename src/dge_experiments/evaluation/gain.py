"""How much better one model is than another on the same held-out genes, with an interval and a test."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, norm
from scipy.stats import t as student

from dge_experiments.evaluation.influence import design_effect, influences
from dge_experiments.evaluation.proportion import LEVEL
from dge_experiments.search.prediction import Prediction

Labels = npt.NDArray[np.int64]
EQUAL = 1e-12


@dataclass(frozen=True)
class Gain:
    """Attributes
    ----------
    metric : what is compared
    difference : score of the first prediction less that of the second, on the same genes
    low, high : its 95 % interval
    p_value : two-sided, of no difference
    error : standard error of the difference
    """

    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    error: float

    @property
    def better(self) -> bool:
        """Whether the first is better: the interval lies above 0."""
        return self.low > 0

    @property
    def text(self) -> str:
        """The difference with its interval."""
        return f"{self.difference:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"

    def power(self, gain: float, alpha: float = 1 - LEVEL) -> float:
        """The chance to detect a true difference of `gain` with this number of genes, at the level `alpha`."""
        if self.error == 0:
            return 1.0
        bar, shift = norm.isf(alpha / 2), gain / self.error
        return float(norm.sf(bar - shift) + norm.cdf(-bar - shift))


def gain(
    y: Labels, first: Prediction, second: Prediction, metric: str, groups: npt.ArrayLike | None = None
) -> Gain:
    """Difference of two predictions' scores on the same genes.

    Its standard error is that of the difference of the genes' influences, which accounts for the correlation of the two
    models' errors (for the ROC AUC this is DeLong's test). The reference is Student's t with the size of the smallest
    class less one. The interval holds for other genes of this table, not for another study.

    Parameters
    ----------
    y : shape (genes,), class codes, every class present
    metric : of ``metrics.REGISTRY``
    groups : shape (genes,), equal where rows share a gene

    References
    ----------
    DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595; Efron 1982, doi:10.1137/1.9781611970319
    """
    codes = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    (first_score, first_influence), (second_score, second_influence) = (
        influences(y, p, metric, codes) for p in (first, second)
    )
    difference, influence = first_score - second_score, first_influence - second_influence
    freedom = max(1, int(np.bincount(y)[np.unique(y)].min()) - 1)
    error = float(np.sqrt(design_effect(influence, codes) * (influence @ influence)))
    if abs(difference) < EQUAL:
        difference, p_value = 0.0, 1.0
    elif error > EQUAL:
        p_value = float(2 * student.sf(abs(difference) / error, freedom))
    else:  # all genes of a class have the same influence: the error that the sign test implies
        p_value = _sign_test(y, first, second)
        error = abs(difference) / float(student.isf(p_value / 2, freedom)) if p_value < 1 else abs(difference)
    reach = float(student.ppf((1 + LEVEL) / 2, freedom)) * error
    return Gain(metric, difference, difference - reach, difference + reach, p_value, error)


def _sign_test(y: Labels, first: Prediction, second: Prediction) -> float:
    """McNemar's exact test: of the genes that only one model predicts correctly, does each have half?"""
    first_right, second_right = first.predicted == y, second.predicted == y
    only_first, discordant = (
        int(np.sum(first_right & ~second_right)),
        int(np.sum(first_right != second_right)),
    )
    return float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0
