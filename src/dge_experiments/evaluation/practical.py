"""Whether two models are equal in practice: the posterior of their difference over the folds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

ROPE = 0.01
FOLDS = 25  # 5 x 5: with fewer the posterior is too wide to be useful


@dataclass(frozen=True)
class Practical:
    """Chances: the first model is better by more than the margin, they are equal, the second is better."""

    first: float
    equal: float
    second: float


def practical(differences: ArrayLike, n_train: int, n_test: int, rope: float = ROPE) -> Practical:
    """Bayesian correlated t-test with a region of practical equivalence.

    The posterior of the mean difference is Student's t with `folds` - 1 degrees of freedom at the mean, its scale
    ``sqrt((1 / folds + n_test / n_train) * variance)``, as in the corrected resampled t-test.

    Parameters
    ----------
    differences : shape (folds,), score of the first model less that of the second
    n_train, n_test : genes in the two parts of a fold
    rope : a difference of this or less is negligible

    References
    ----------
    Corani & Benavoli 2015, doi:10.1007/s10994-015-5486-z; Benavoli et al. 2017, Journal of Machine Learning
    Research 18:77
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) < 2 or n_train < 1 or n_test < 1 or rope < 0:
        raise ValueError(
            f"two folds or more, genes and a margin are needed, but got {len(d)}, {n_train}, {n_test}, {rope}"
        )
    mean, scale = float(d.mean()), float(np.sqrt((1 / len(d) + n_test / n_train) * d.var(ddof=1)))
    if scale == 0:
        return Practical(float(mean > rope), float(abs(mean) <= rope), float(mean < -rope))
    first = float(student.sf((rope - mean) / scale, len(d) - 1))
    second = float(student.cdf((-rope - mean) / scale, len(d) - 1))
    return Practical(first, 1 - first - second, second)
