"""What a score would be if features and label had nothing to do with each other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dge_experiments.errors import BadInput


@dataclass(frozen=True)
class Null:
    """A score against its permutation null.

    Attributes
    ----------
    observed : score with the true labels
    scores : shape (permutations,), scores with shuffled labels
    p_value : one-sided, with the +1 correction
    """

    observed: float
    scores: NDArray[np.float64]
    p_value: float


def shuffled_labels(y: ArrayLike, permutations: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield `y` in random order, shape (genes,); permutation k depends on (`seed`, k) only."""
    labels = np.asarray(y)
    for k in range(permutations):
        yield np.random.default_rng([seed, k]).permutation(labels)


def p_value(observed: float, null: ArrayLike) -> float:
    """Share of permutations that score as high, the observed labelling counted as one of them.

    ``(1 + #{null >= observed}) / (1 + permutations)``: never 0, and valid for any number of permutations.

    Raises
    ------
    BadInput
        no permutation, or a score that is not finite

    References
    ----------
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585
    """
    scores = np.asarray(null, dtype=np.float64)
    if len(scores) == 0 or not np.isfinite([observed, *scores]).all():
        raise BadInput(
            "a permutation test needs one permutation or more and finite scores, "
            f"but got {len(scores)} permutations, {int((~np.isfinite(scores)).sum())} of them not finite, "
            f"and the score {observed}"
        )
    tolerance = 1e-12 * max(1.0, abs(observed))
    return float((1 + np.sum(scores >= observed - tolerance)) / (1 + len(scores)))


def permutation_test(
    score: Callable[[NDArray[np.int64]], float], y: ArrayLike, *, permutations: int, seed: int
) -> Null:
    """Score with the true labels and with shuffled ones.

    Parameters
    ----------
    score : labels, shape (genes,), to a score, higher is better; it runs the whole pipeline, tuning included
    y : shape (genes,), class codes
    permutations : how many times the labels are shuffled; the smallest p-value is 1 / (1 + permutations)
    seed : draws the permutations

    References
    ----------
    Ojala and Garriga 2010, Permutation Tests for Studying Classifier Performance, JMLR 11:1833
    """
    observed = float(score(np.asarray(y)))
    scores = np.array([score(labels) for labels in shuffled_labels(y, permutations, seed)], dtype=np.float64)
    return Null(observed, scores, p_value(observed, scores))
