"""The score of the leak audit: balanced accuracy with an interval that holds for small classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.stats import binomtest, norm

LEVEL = 0.05
LEAK = 0.98
NEAR = 0.90
NEAR_AT_LEAST = 0.85
NO_ACCIDENT = 0.6
STRONGEST_HONEST_AUC = 0.99

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """Correct predictions in each class.

    Attributes
    ----------
    right, size : shape (classes,), correctly predicted genes and all genes of each class
    """

    right: Codes
    size: Codes

    @property
    def value(self) -> float:
        """Balanced accuracy: mean over the classes of the share of correct predictions."""
        return float(np.mean(self.right / self.size))

    def low(self, level: float = LEVEL / 2) -> float:
        """One-sided lower confidence limit of the balanced accuracy."""
        return self.value - self._reach(level, lower=True)

    def high(self, level: float = LEVEL / 2) -> float:
        """One-sided upper confidence limit of the balanced accuracy."""
        return self.value + self._reach(level, lower=False)

    def nearly(self, tried: int) -> bool:
        """Whether it may be 0.90 or more: the upper limit is, the value is at least 0.85, and it is not chance.

        Not chance: the lower limit exceeds 0.6, corrected for the number of scores ``tried``.
        """
        likely = self.value >= NEAR_AT_LEAST and self.high() >= NEAR
        return likely and self.low(LEVEL / tried) > NO_ACCIDENT

    def _reach(self, level: float, *, lower: bool) -> float:
        """Distance from the value to a limit, by MOVER: Wilson's limits of the classes, combined like variances.

        References
        ----------
        Wilson 1927, doi:10.1080/01621459.1927.10502953; Zou and Donner 2008, doi:10.1002/sim.3095
        """
        share = self.right / self.size
        limits = [
            binomtest(int(k), int(n)).proportion_ci(1 - 2 * level, method="wilson")
            for k, n in zip(self.right, self.size, strict=True)
        ]
        ends = np.array([limit.low if lower else limit.high for limit in limits])
        return float(np.sqrt(np.sum((share - ends) ** 2)) / len(share))


def score(y: Codes, answers: Codes) -> Score:
    """Count the correct answers in each class of `y`, codes from 0."""
    size = np.bincount(y)
    return Score(np.bincount(y[answers == y], minlength=len(size)), size)


def parts_cleanly(x: Floats, y: Codes) -> bool:
    """Whether intervals of `x`, at most one more than there are classes, separate `y` without an error."""
    order = np.argsort(x, kind="stable")
    value, label = x[order], y[order]
    changes = np.flatnonzero(label[1:] != label[:-1])
    return bool(len(changes) <= len(np.unique(y)) and np.all(value[changes] != value[changes + 1]))


def chance_of_clean_parting(size: Codes) -> float:
    """Chance that a strong honest statistic separates two classes of these sizes without an error.

    Honest and strong: normal in each class with equal variances and an area under the ROC curve of 0.99.
    With densities f and distribution functions F of the classes, the chance that the smallest of ``m`` values
    exceeds the largest of ``n`` is the integral of ``m f_1 (1 - F_1)^(m - 1) F_0^n``. With more than two
    classes, it is that of the two largest, which chance separates least often.
    """
    m, n = np.sort(size)[-2:]
    distance = np.sqrt(2) * norm.ppf(STRONGEST_HONEST_AUC)
    x = np.linspace(-8, 8 + distance, 4_001)
    above = norm.logpdf(x - distance) + (m - 1) * norm.logsf(x - distance)
    return float(trapezoid(m * np.exp(above + n * norm.logcdf(x)), x))
