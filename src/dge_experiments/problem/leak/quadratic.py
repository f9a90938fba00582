"""Quadratic discriminants of many small sets of columns at once, to screen them for joint leaks."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from dge_experiments.problem.leak.score import Codes, Floats

RIDGE = 1e-6
CHUNK = 1 << 22

Subsets = NDArray[np.int64]
Shapes = list[tuple[Floats, Floats]]


def normal_scores(X: Floats) -> Floats:
    """Each column as normal quantiles of the ranks of its values."""
    return np.asarray(norm.ppf((rankdata(X, axis=0) - 0.5) / len(X)))


def logarithms(X: Floats) -> Floats:
    """Each column on a logarithmic scale, standardized; a column with both signs keeps them (arsinh)."""
    scale = np.median(np.abs(X), axis=0)
    signed = np.arcsinh(X / np.where(scale > 0, scale, 1))
    positive = X.min(axis=0) > 0
    logs = np.where(positive, np.log(np.where(positive, X, 1)), signed)
    spread = logs.std(axis=0)
    return np.asarray((logs - logs.mean(axis=0)) / np.where(spread > 0, spread, 1))


SCALES: tuple[Callable[[Floats], Floats], ...] = (normal_scores, logarithms)


def class_shapes(Z: Floats, y: Codes) -> Shapes:
    """Mean and covariance of the columns of `Z` in each class."""
    ridge = RIDGE * np.eye(Z.shape[1])
    return [(Z[y == c].mean(axis=0), np.cov(Z[y == c], rowvar=False) + ridge) for c in range(y.max() + 1)]


def log_densities(Z: Floats, shapes: Shapes, subsets: Subsets) -> Floats:
    """Log density of each class's normal distribution, up to a constant; shape (classes, genes, subsets)."""
    densities = []
    for mean, covariance in shapes:
        part = covariance[subsets[:, :, None], subsets[:, None, :]]
        away = (Z - mean)[:, subsets].transpose(1, 0, 2)
        distance = np.sum((away @ np.linalg.inv(part)) * away, axis=2).T
        densities.append(-(distance + np.linalg.slogdet(part)[1]) / 2)
    return np.stack(densities)


def screen(X: Floats, y: Codes, subsets: Subsets) -> Floats:
    """Balanced accuracy of the best quadratic discriminant of each subset, on the genes it is fitted on.

    Discriminants are fitted on normal scores and on logarithms. For three columns the sign of their product is tried
    as well, which no quadratic form gives.

    Parameters
    ----------
    X : shape (genes, columns)
    y : shape (genes,), class codes from 0
    subsets : shape (subsets, columns of each), positions of columns

    Returns
    -------
    shape (subsets,)
    """
    classes = range(y.max() + 1)
    best = np.zeros(len(subsets))
    step = max(1, CHUNK // (len(X) * subsets.shape[1]))
    for scale in SCALES:
        Z = scale(X)
        shapes = class_shapes(Z, y)
        for start in range(0, len(subsets), step):
            chunk = slice(start, start + step)
            right = log_densities(Z, shapes, subsets[chunk]).argmax(axis=0) == y[:, None]
            accuracy = np.mean([right[y == c].mean(axis=0) for c in classes], axis=0)
            best[chunk] = np.maximum(best[chunk], accuracy)
    if subsets.shape[1] == 3:
        signs = np.sign(normal_scores(X))
        for start in range(0, len(subsets), step):
            chunk = slice(start, start + step)
            positive = signs[:, subsets[chunk]].prod(axis=2) > 0
            share = np.array([positive[y == c].mean(axis=0) for c in classes])
            best[chunk] = np.maximum(best[chunk], (1 + np.ptp(share, axis=0)) / len(share))
    return best
