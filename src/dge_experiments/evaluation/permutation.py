"""The permutation test: scores when features and labels are unrelated.

scikit-learn's ``permutation_test_score`` is not used, for three reasons. It shuffles rows, or rows within a group, but
here the rows of one gene must move together. Its n-th shuffle depends on the shuffles before it. And it counts scores
that differ only by rounding as lower. Without groups and such ties the p-value is the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dge_experiments.problem.problem import AS_GIVEN


@dataclass(frozen=True)
class Null:
    """A score against its permutation null.

    Attributes
    ----------
    observed : score with the true labels
    scores : shape (permutations,), scores with shuffled labels
    p_value : one-sided, with the +1 correction
    reading : which of the problem's: as given, or honest, without the label sources
    """

    observed: float
    scores: NDArray[np.float64]
    p_value: float
    reading: str = AS_GIVEN


def shuffled_labels(
    y: ArrayLike, permutations: int, seed: int, groups: NDArray[Any] | None = None
) -> Iterator[NDArray[np.int64]]:
    """Yield `y` in random order, shape (genes,); permutation k depends on (`seed`, k) only.

    The labels of one group stay together, in their order, and are exchanged with those of a group of the same size.

    References
    ----------
    Winkler et al. 2015, Multi-level block permutation, doi:10.1016/j.neuroimage.2015.05.092
    """
    labels = np.asarray(y)
    for k in range(permutations):
        rng = np.random.default_rng([seed, k])
        if groups is None:
            yield rng.permutation(labels)
            continue
        shuffled = labels.copy()
        for rows in _blocks(groups):
            shuffled[rows] = labels[rng.permutation(rows)]
        yield shuffled


def _blocks(groups: NDArray[Any]) -> Iterator[NDArray[np.intp]]:
    """For each size of a group, the row positions of all groups of this size, shape (groups, size)."""
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    for size in np.unique(sizes):
        yield order[starts[sizes == size][:, None] + np.arange(size)]


def p_value(observed: float, null: ArrayLike) -> float:
    """Share of permutations with a score as high as the observed one, which itself counts as a permutation.

    ``(1 + #{null >= observed}) / (1 + permutations)``: never 0, and valid for any number of permutations.

    Raises
    ------
    ValueError
        no permutation, or a score that is not finite

    References
    ----------
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585
    """
    scores = np.asarray(null, dtype=np.float64)
    if len(scores) == 0 or not np.isfinite([observed, *scores]).all():
        raise ValueError(
            "a permutation test needs one permutation or more and finite scores, "
            f"but got {len(scores)} permutations, {int((~np.isfinite(scores)).sum())} of them not finite, "
            f"and the score {observed}"
        )
    tolerance = 1e-12 * max(1.0, abs(observed))
    return float((1 + np.sum(scores >= observed - tolerance)) / (1 + len(scores)))


def permutation_test(
    score: Callable[[NDArray[np.int64]], float],
    y: ArrayLike,
    *,
    permutations: int,
    seed: int,
    groups: NDArray[Any] | None = None,
) -> Null:
    """Score with the true labels and with shuffled ones.

    Parameters
    ----------
    score : labels, shape (genes,), to a score, higher is better; it runs the whole pipeline, tuning included
    y : shape (genes,), class codes
    permutations : how many times the labels are shuffled; the smallest p-value is 1 / (1 + permutations)
    seed : draws the permutations
    groups : shape (genes,): labels of one group are shuffled together; None where every gene is its own

    References
    ----------
    Ojala and Garriga 2010, Permutation Tests for Studying Classifier Performance, JMLR 11:1833
    """
    observed = float(score(np.asarray(y)))
    scores = np.array(
        [score(labels) for labels in shuffled_labels(y, permutations, seed, groups)], dtype=np.float64
    )
    return Null(observed, scores, p_value(observed, scores))
