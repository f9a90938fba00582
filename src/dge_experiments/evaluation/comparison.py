"""Tests for the comparison of models."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

EQUAL = 1e-12


def corrected_t_test(differences: ArrayLike, n_train: int, n_test: int) -> tuple[float, float]:
    """Corrected resampled t-test of score differences over folds: statistic and two-sided p-value.

    ``t = mean / sqrt((1 / folds + n_test / n_train) * variance)`` with ``folds - 1`` degrees of freedom. The
    second term accounts for the overlap of the training parts, which makes folds depend on each other. Without
    any difference the result is (0, 1); with the same difference in every fold it is the limit, (+-inf, 0).

    References
    ----------
    Nadeau and Bengio 2003, doi:10.1023/A:1024068626366
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) < 2 or n_train < 1 or n_test < 1:
        raise ValueError(
            "a comparison needs two folds or more with genes to train and to test on, "
            f"but got folds={len(d)}, n_train={n_train}, n_test={n_test}"
        )
    if np.all(np.abs(d) < EQUAL):
        return 0.0, 1.0
    if d.std(ddof=1) < EQUAL:
        return float(np.copysign(np.inf, d.mean())), 0.0
    statistic = d.mean() / np.sqrt((1 / len(d) + n_test / n_train) * d.var(ddof=1))
    return float(statistic), float(2 * student.sf(abs(statistic), len(d) - 1))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down adjusted p-values, in the order given.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6:65, https://www.jstor.org/stable/4615733
    """
    p = np.asarray(p_values, dtype=np.float64)
    rank = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[rank] = np.minimum(1, np.maximum.accumulate(p[rank] * np.arange(len(p), 0, -1)))
    return adjusted
