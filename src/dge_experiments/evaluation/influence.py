"""The influence of each gene on a score: the derivative of the score by the gene's weight.

The sum of the squared influences is the variance of the score over other genes of the same kind (the infinitesimal
jackknife; Efron 1982, doi:10.1137/1.9781611970319). Where rows share a gene, their influences are summed before they
are squared.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import confusion_matrix

from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.search.prediction import Prediction

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Positive = NDArray[np.bool_]
MOST_LEFT_OUT = 200  # parts of the genes that are left out in turn, at most
STEP = 1e-5  # of a gene, or of a share of the table, for a derivative by difference
CERTAIN = 1e-15  # a probability is at least this in the log loss


def influences(
    y: Labels, prediction: Prediction, metric: str, groups: NDArray[np.intp] | None = None
) -> tuple[float, Floats]:
    """A score and its influences, shape (genes,); three classes or more as in `metrics.scores`.

    Parameters
    ----------
    y : shape (genes,), class codes, every class present
    metric : of `metrics.REGISTRY`; `jackknife` computes one without a fast form
    groups : shape (genes,); codes from 0, equal where rows share a gene
    """
    right = (y == prediction.predicted).astype(np.float64)
    if metric == "accuracy":
        return float(right.mean()), _of_mean(right)
    if metric == "balanced_accuracy":
        classes, influence, score = np.unique(y), np.empty(len(y)), 0.0
        for code in classes:
            in_class = y == code
            score += float(right[in_class].mean()) / len(classes)
            influence[in_class] = _of_mean(right[in_class]) / len(classes)
        return score, influence
    if metric == "mcc":
        codes = range(int(max(y.max(), prediction.predicted.max())) + 1)
        counts = confusion_matrix(y, prediction.predicted, labels=codes).astype(np.float64)
        return float(matthews(counts)), of_matthews(counts)[y, prediction.predicted]
    if metric in LOSSES:
        losses = LOSSES[metric](y, prediction)
        return float(losses.mean()), _of_mean(losses)
    if metric not in CURVES:
        fast = REGISTRY[metric].resampled is not None
        return _of_cells(y, prediction, metric) if fast else jackknife(y, prediction, metric, groups)
    of_curve = CURVES[metric]
    if prediction.ranking.ndim == 1:
        return of_curve(y == 1, prediction.ranking)
    curves = [of_curve(y == code, column) for code, column in enumerate(prediction.ranking.T)]
    return float(np.mean([score for score, _ in curves])), np.mean(
        [influence for _, influence in curves], axis=0
    )


def roc_auc(positive: Positive, ranking: Floats) -> tuple[float, Floats]:
    """ROC AUC of one class against the rest, ties counted half, and its influences, shape (genes,).

    The influence comes from the placement: the share of the other class that the gene ranks above (below).

    References
    ----------
    DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595
    """
    ranks = rankdata(ranking)
    placements, parts = np.empty(len(ranking)), (positive, ~positive)
    for part, other in (parts, parts[::-1]):
        placements[part] = (ranks[part] - rankdata(ranking[part])) / other.sum()
    placements[~positive] = 1 - placements[~positive]
    auc = float(placements[positive].mean())
    for part in parts:
        n = int(part.sum())
        placements[part] = 0.0 if n == 1 else (placements[part] - auc) / np.sqrt(n * (n - 1))
    return auc, placements


def average_precision(positive: Positive, ranking: Floats) -> tuple[float, Floats]:
    """Average precision of one class against the rest, and its influences, shape (genes,).

    A gene of the class counts by its own precision, and every gene by its effect on the precision of the genes that
    rank no higher.
    """
    order = np.argsort(-ranking, kind="stable")
    sorted_ranking, hits = -ranking[order], positive[order].astype(np.float64)
    first = np.searchsorted(sorted_ranking, sorted_ranking, side="left")
    called = np.searchsorted(sorted_ranking, sorted_ranking, side="right")
    precision = np.cumsum(hits)[called - 1] / called
    total = hits.sum()
    score = float(precision @ hits / total)
    gain = np.cumsum((hits * (1 - precision) / called)[::-1])[::-1][first]
    loss = np.cumsum((hits * precision / called)[::-1])[::-1][first]
    influence = np.empty(len(ranking))
    influence[order] = np.where(hits > 0, precision - score + gain, -loss) / total
    return score, influence


def matthews(confusion: Floats) -> Floats:
    """Matthews correlation of confusion matrices, shape (..., classes, classes), rows true; 0 where undefined.

    References
    ----------
    Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006
    """
    n = confusion.sum(axis=(-2, -1))
    true, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    covariance = np.trace(confusion, axis1=-2, axis2=-1) * n - np.sum(true * predicted, axis=-1)
    scale = (n**2 - np.sum(true**2, axis=-1)) * (n**2 - np.sum(predicted**2, axis=-1))
    return np.asarray(np.divide(covariance, np.sqrt(scale), out=np.zeros_like(n), where=scale > 0))


def of_matthews(confusion: Floats) -> Floats:
    """Influence of a gene in each cell of the confusion matrix, shape (classes, classes)."""
    n, classes = confusion.sum(), len(confusion)
    shifts = np.eye(classes**2).reshape(-1, classes, classes) * STEP
    share = confusion / n
    gradient = (matthews(share + shifts) - matthews(share)) / STEP
    gradient = gradient.reshape(classes, classes)
    return np.asarray((gradient - np.sum(gradient * share)) / n)


def design_effect(influence: Floats, groups: NDArray[np.intp] | None) -> float:
    """The factor by which shared groups multiply the variance; 1 without groups, and never less.

    Where all influences are 0, the genes of a group are assumed to be equal.

    Parameters
    ----------
    influence, groups : shape (genes,); codes from 0

    References
    ----------
    Rao & Scott 1992, doi:10.2307/2532311: counts divided by the design effect are treated as independent ones
    """
    if groups is None:
        return 1.0
    independent = float(influence @ influence)
    if independent == 0:
        sizes = np.bincount(groups)
        return float(sizes @ sizes / len(groups))
    by_group = np.bincount(groups, weights=influence)
    return max(1.0, float(by_group @ by_group) / independent)


def correlation(influences: Floats, groups: NDArray[np.intp] | None) -> Floats:
    """Correlation of scores, shape (scores, scores), from their influences, shape (genes, scores)."""
    if groups is not None:
        influences = np.stack([np.bincount(groups, weights=column) for column in influences.T], axis=1)
    covariance = influences.T @ influences
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    return np.asarray(np.divide(covariance, scale, out=np.eye(len(covariance)), where=scale > 0))


def jackknife(
    y: Labels, prediction: Prediction, metric: str, groups: NDArray[np.intp] | None = None
) -> tuple[float, Floats]:
    """A score of any kind and its influences, by leaving out genes: one at a time, or, above `MOST_LEFT_OUT` genes, in
    that many random parts, stratified by class, with groups kept whole.

    References
    ----------
    Efron 1982, doi:10.1137/1.9781611970319; Kott 2001, Journal of Official Statistics 17:521 (parts)
    """
    score, rng = REGISTRY[metric].score, np.random.default_rng(0)
    units = np.arange(len(y)) if groups is None else groups
    _, first, code = np.unique(units, return_index=True, return_inverse=True)
    order = np.lexsort([rng.random(len(first)), y[first]])
    part = np.empty(len(first), np.intp)
    part[order] = np.arange(len(first)) % min(len(first), MOST_LEFT_OUT)
    part = part[code]
    full_score, parts = score(y, prediction), int(part.max()) + 1
    left_out = np.array([score(y[part != k], prediction.of(np.flatnonzero(part != k))) for k in range(parts)])
    part_influence = (left_out.mean() - left_out) * np.sqrt((parts - 1) / parts)
    return full_score, part_influence[part] / np.sqrt(np.bincount(part))[part]


def _of_cells(y: Labels, prediction: Prediction, metric: str) -> tuple[float, Floats]:
    """By numerical derivative, for a score that depends only on the counts of true and called classes."""
    cells, first, cell = np.unique(
        np.column_stack([y, prediction.predicted]), axis=0, return_index=True, return_inverse=True
    )[:3]
    counts = np.ones((len(cells) + 1, len(y)))
    counts[np.arange(len(cells)) + 1, first] += STEP
    values = REGISTRY[metric].statistic(y, prediction)(counts)
    return float(values[0]), ((values[1:] - values[0]) / STEP)[cell.ravel()]


def _squares(y: Labels, prediction: Prediction) -> Floats:
    probability = prediction.probability
    if probability is None:
        raise ValueError("the model gives no probabilities")
    divisor = 2 if probability.shape[1] == 2 else 1
    return np.asarray(np.sum((probability - np.eye(probability.shape[1])[y]) ** 2, axis=1) / divisor)


def _logs(y: Labels, prediction: Prediction) -> Floats:
    if prediction.probability is None:
        raise ValueError("the model gives no probabilities")
    return np.asarray(-np.log(np.clip(prediction.probability[np.arange(len(y)), y], CERTAIN, 1)))


def _of_mean(values: Floats) -> Floats:
    n = len(values)
    return np.zeros(1) if n == 1 else (values - values.mean()) / np.sqrt(n * (n - 1))


CURVES = {"roc_auc": roc_auc, "average_precision": average_precision}
LOSSES: dict[str, Callable[[Labels, Prediction], Floats]] = {
    "brier": _squares,
    "log_loss": _logs,
    "neg_brier_score": lambda y, p: -_squares(y, p),
    "neg_log_loss": lambda y, p: -_logs(y, p),
}
