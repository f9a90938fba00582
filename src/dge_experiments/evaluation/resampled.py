"""The usual scores on many resamples at once, from counts of how often each gene was drawn.

Each function takes the labels and the predictions of a test part and returns a function of counts, shape
(resamples, genes), to scores, shape (resamples,). Nothing is sorted again for a resample. With one row of
ones the score is scikit-learn's. `y` holds class codes 0, 1, ...; `probability` is the probability of class
1, shape (genes,), or of each class, shape (genes, classes).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]
Statistic = Callable[[Floats], Floats]

SMALLEST = np.finfo(np.float64).eps


def accuracy(y: Codes, predicted: Codes) -> Statistic:
    """Share of genes predicted correctly."""
    return _mean((y == predicted).astype(np.float64))


def balanced_accuracy(y: Codes, predicted: Codes) -> Statistic:
    """Mean over the classes of their recall."""
    classes = _one_hot(y, int(y.max()) + 1)
    right = classes * (y == predicted)[:, None]
    return lambda counts: np.asarray(np.nanmean((counts @ right) / (counts @ classes), axis=1))


def matthews(y: Codes, predicted: Codes) -> Statistic:
    """Matthews correlation coefficient, for any number of classes; 0 where it is not defined.

    References
    ----------
    Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006
    """
    k = int(max(y.max(), predicted.max())) + 1
    true, guessed, right = _one_hot(y, k), _one_hot(predicted, k), (y == predicted).astype(np.float64)

    def score(counts: Floats) -> Floats:
        t, p, n = counts @ true, counts @ guessed, counts.sum(axis=1)
        covariance = (counts @ right) * n - np.sum(t * p, axis=1)
        scale = np.sqrt((n**2 - np.sum(t**2, axis=1)) * (n**2 - np.sum(p**2, axis=1)))
        return np.asarray(np.divide(covariance, scale, out=np.zeros_like(n), where=scale > 0))

    return score


def precision(y: Codes, predicted: Codes, macro: bool = False) -> Statistic:
    """Of the genes called class 1, the share that is of class 1; 0 where none is called.

    With ``macro``, and for three classes or more: the unweighted mean over the classes.
    """
    return _of_classes(y, predicted, macro, lambda right, called, true: _share(right, called))


def recall(y: Codes, predicted: Codes, macro: bool = False) -> Statistic:
    """Of the genes of class 1, the share that is called class 1; averaged as in `precision`."""
    return _of_classes(y, predicted, macro, lambda right, called, true: _share(right, true))


def f1(y: Codes, predicted: Codes, macro: bool = False) -> Statistic:
    """Harmonic mean of precision and recall of class 1; averaged as in `precision`.

    References
    ----------
    Van Rijsbergen 1979, Information Retrieval, 2nd edition, Butterworths
    """
    return _of_classes(y, predicted, macro, lambda right, called, true: _share(2 * right, called + true))


def roc_auc(y: Codes, probability: Floats) -> Statistic:
    """Area under the ROC curve, ties counted half.

    For three classes or more: each against the rest, unweighted mean.

    References
    ----------
    Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747
    """
    return _one_against_rest(y, probability, _binary_roc_auc)


def average_precision(y: Codes, probability: Floats) -> Statistic:
    """Sum over thresholds of precision times the gain in recall; classes averaged as in `roc_auc`."""
    return _one_against_rest(y, probability, _binary_average_precision)


def brier(y: Codes, probability: Floats) -> Statistic:
    """Mean squared error of the probability: of class 1 for two classes, summed over classes for more.

    References
    ----------
    Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2
    """
    p = _per_class(probability)
    loss = np.sum((p - _one_hot(y, p.shape[1])) ** 2, axis=1)
    return _mean(loss / 2 if p.shape[1] == 2 else loss)


def log_loss(y: Codes, probability: Floats) -> Statistic:
    """Mean of minus the natural logarithm of the probability given to the true class."""
    p = _per_class(probability)
    of_true_class = np.clip(p[np.arange(len(y)), y] / p.sum(axis=1), SMALLEST, 1 - SMALLEST)
    return _mean(-np.log(of_true_class))


def _binary_roc_auc(positive: NDArray[np.bool_], probability: Floats) -> Statistic:
    ups, downs = _sorted_counts(positive, probability)

    def score(counts: Floats) -> Floats:
        up, down = ups(counts), downs(counts)
        below = np.cumsum(down, axis=1) - down / 2
        return np.asarray(np.sum(up * below, axis=1) / (up.sum(axis=1) * down.sum(axis=1)))

    return score


def _binary_average_precision(positive: NDArray[np.bool_], probability: Floats) -> Statistic:
    ups, downs = _sorted_counts(positive, -probability)

    def score(counts: Floats) -> Floats:
        up, down = ups(counts), downs(counts)
        true = np.cumsum(up, axis=1)
        called = true + np.cumsum(down, axis=1)
        precision = np.divide(true, called, out=np.zeros_like(true), where=called > 0)
        return np.asarray(np.sum(up * precision, axis=1) / true[:, -1])

    return score


def _sorted_counts(positive: NDArray[np.bool_], value: Floats) -> tuple[Statistic, Statistic]:
    """Counts of positive and of negative genes at each distinct value, ascending."""
    order = np.argsort(value, kind="stable")
    first = np.flatnonzero(np.append(True, np.diff(value[order]) != 0))
    up = positive[order].astype(np.float64)

    def summed(weight: Floats) -> Statistic:
        if len(first) == len(order):
            return lambda counts: counts[:, order] * weight
        return lambda counts: np.add.reduceat(counts[:, order] * weight, first, axis=1)

    return summed(up), summed(1 - up)


def _one_against_rest(
    y: Codes, probability: Floats, binary: Callable[[NDArray[np.bool_], Floats], Statistic]
) -> Statistic:
    p = _per_class(probability)
    if p.shape[1] == 2:
        return binary(y == 1, p[:, 1])
    by_class = [binary(y == code, p[:, code]) for code in range(p.shape[1])]
    return lambda counts: np.asarray(np.mean([score(counts) for score in by_class], axis=0))


def _of_classes(
    y: Codes, predicted: Codes, macro: bool, score: Callable[[Floats, Floats, Floats], Floats]
) -> Statistic:
    """A score of each class from three counts: its genes that are called it, all genes called it, all its genes."""
    k = int(max(y.max(), predicted.max(), 1)) + 1
    true, called = _one_hot(y, k), _one_hot(predicted, k)
    classes = slice(None) if macro or k > 2 else slice(1, 2)

    def scored(counts: Floats) -> Floats:
        by_class = score(counts @ (true * called), counts @ called, counts @ true)
        return np.asarray(by_class[:, classes].mean(axis=1))

    return scored


def _share(part: Floats, total: Floats) -> Floats:
    return np.divide(part, total, out=np.zeros_like(part), where=total > 0)


def _mean(values: Floats) -> Statistic:
    return lambda counts: np.asarray(counts @ values / counts.sum(axis=1))


def _one_hot(codes: Codes, classes: int) -> Floats:
    return np.asarray(codes[:, None] == np.arange(classes), dtype=np.float64)


def _per_class(probability: Floats) -> Floats:
    p = np.asarray(probability, dtype=np.float64)
    return np.column_stack([1 - p, p]) if p.ndim == 1 else p
