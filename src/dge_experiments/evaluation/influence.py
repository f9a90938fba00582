"""How much each gene moves a score: the linear part of its change when the gene counts a little more.

The sum of the squared influences is the score's variance over other genes like these (the infinitesimal jackknife;
Efron 1982, doi:10.1137/1.9781611970319). Where rows share a gene, their influences are summed before they are squared.
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
MOST_LEFT_OUT = 200  # parts of the genes, left out in turn
STEP = 1e-5  # of a gene, or of a share of the table, for a derivative by difference
CERTAIN = 1e-15  # a probability is at least this in the log loss


def influences(
    y: Labels, prediction: Prediction, metric: str, groups: NDArray[np.intp] | None = None
) -> tuple[float, Floats]:
    """A score and its influences, shape (genes,); of three classes or more as in `metrics.scores`.

    Parameters
    ----------
    y : shape (genes,), class codes, every class present
    metric : of `metrics.REGISTRY`; one without a fast form by `jackknife`
    groups : shape (genes,); codes from 0, equal where rows share a gene
    """
    right = (y == prediction.predicted).astype(np.float64)
    if metric == "accuracy":
        return float(right.mean()), _of_mean(right)
    if metric == "balanced_accuracy":
        classes, moved, score = np.unique(y), np.empty(len(y)), 0.0
        for code in classes:
            own = y == code
            score += float(right[own].mean()) / len(classes)
            moved[own] = _of_mean(right[own]) / len(classes)
        return score, moved
    if metric == "mcc":
        codes = range(int(max(y.max(), prediction.predicted.max())) + 1)
        counts = confusion_matrix(y, prediction.predicted, labels=codes).astype(np.float64)
        return float(matthews(counts)), of_matthews(counts)[y, prediction.predicted]
    if metric in LOSSES:
        lost = LOSSES[metric](y, prediction)
        return float(lost.mean()), _of_mean(lost)
    if metric not in CURVES:
        fast = REGISTRY[metric].resampled is not None
        return _of_cells(y, prediction, metric) if fast else jackknife(y, prediction, metric, groups)
    of_curve = CURVES[metric]
    if prediction.ranking.ndim == 1:
        return of_curve(y == 1, prediction.ranking)
    each = [of_curve(y == code, column) for code, column in enumerate(prediction.ranking.T)]
    return float(np.mean([score for score, _ in each])), np.mean([moved for _, moved in each], axis=0)


def roc_auc(positive: Positive, ranking: Floats) -> tuple[float, Floats]:
    """ROC AUC of one class against the rest, ties counted half, and its influences, shape (genes,).

    The influence is that of the placement: which share of the other class the gene is above (below).

    References
    ----------
    DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595
    """
    among = rankdata(ranking)
    placed, parts = np.empty(len(ranking)), (positive, ~positive)
    for own, other in (parts, parts[::-1]):
        placed[own] = (among[own] - rankdata(ranking[own])) / other.sum()
    placed[~positive] = 1 - placed[~positive]
    auc = float(placed[positive].mean())
    for own in parts:
        n = int(own.sum())
        placed[own] = 0.0 if n == 1 else (placed[own] - auc) / np.sqrt(n * (n - 1))
    return auc, placed


def average_precision(positive: Positive, ranking: Floats) -> tuple[float, Floats]:
    """Average precision of one class against the rest, and its influences, shape (genes,).

    A gene of the class counts by its own precision, and every gene by what it does to the precision of those
    ranked no higher.
    """
    order = np.argsort(-ranking, kind="stable")
    sorted_ranking, found = -ranking[order], positive[order].astype(np.float64)
    first = np.searchsorted(sorted_ranking, sorted_ranking, side="left")
    called = np.searchsorted(sorted_ranking, sorted_ranking, side="right")
    precision = np.cumsum(found)[called - 1] / called
    total = found.sum()
    score = float(precision @ found / total)
    gain = np.cumsum((found * (1 - precision) / called)[::-1])[::-1][first]
    loss = np.cumsum((found * precision / called)[::-1])[::-1][first]
    influence = np.empty(len(ranking))
    influence[order] = np.where(found > 0, precision - score + gain, -loss) / total
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
    spread = (n**2 - np.sum(true**2, axis=-1)) * (n**2 - np.sum(predicted**2, axis=-1))
    return np.asarray(np.divide(covariance, np.sqrt(spread), out=np.zeros_like(n), where=spread > 0))


def of_matthews(confusion: Floats) -> Floats:
    """Influence of a gene in each cell of the confusion matrix, shape (classes, classes)."""
    n, classes = confusion.sum(), len(confusion)
    shifts = np.eye(classes**2).reshape(-1, classes, classes) * STEP
    share = confusion / n
    gradient = (matthews(share + shifts) - matthews(share)) / STEP
    gradient = gradient.reshape(classes, classes)
    return np.asarray((gradient - np.sum(gradient * share)) / n)


def design_effect(influence: Floats, groups: NDArray[np.intp] | None) -> float:
    """By how much shared groups multiply the variance; 1 without groups, and never less.

    Genes that do not differ in their influence are taken to be alike within a group.

    Parameters
    ----------
    influence, groups : shape (genes,); codes from 0

    References
    ----------
    Rao & Scott 1992, doi:10.2307/2532311: counts divided by the design effect are treated as independent ones
    """
    if groups is None:
        return 1.0
    alone = float(influence @ influence)
    if alone == 0:
        sizes = np.bincount(groups)
        return float(sizes @ sizes / len(groups))
    together = np.bincount(groups, weights=influence)
    return max(1.0, float(together @ together) / alone)


def correlation(influences: Floats, groups: NDArray[np.intp] | None) -> Floats:
    """Correlation of scores from their influences, shape (genes, scores)."""
    if groups is not None:
        influences = np.stack([np.bincount(groups, weights=column) for column in influences.T], axis=1)
    covariance = influences.T @ influences
    spread = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    return np.asarray(np.divide(covariance, spread, out=np.eye(len(covariance)), where=spread > 0))


def jackknife(
    y: Labels, prediction: Prediction, metric: str, groups: NDArray[np.intp] | None = None
) -> tuple[float, Floats]:
    """A score of any kind and its influences, by leaving out genes: one at a time, above `MOST_LEFT_OUT` in so many
    parts of random genes, each class evenly, and whole groups.

    References
    ----------
    Efron 1982, doi:10.1137/1.9781611970319; Kott 2001, Journal of Official Statistics 17:521 (parts)
    """
    score, rng = REGISTRY[metric].score, np.random.default_rng(0)
    together = np.arange(len(y)) if groups is None else groups
    _, first, code = np.unique(together, return_index=True, return_inverse=True)
    order = np.lexsort([rng.random(len(first)), y[first]])
    part = np.empty(len(first), np.intp)
    part[order] = np.arange(len(first)) % min(len(first), MOST_LEFT_OUT)
    part = part[code]
    whole, parts = score(y, prediction), int(part.max()) + 1
    without = np.array([score(y[part != k], prediction.of(np.flatnonzero(part != k))) for k in range(parts)])
    moved = (without.mean() - without) * np.sqrt((parts - 1) / parts)
    return whole, moved[part] / np.sqrt(np.bincount(part))[part]


def _of_cells(y: Labels, prediction: Prediction, metric: str) -> tuple[float, Floats]:
    """By difference, for a score that depends on the counts of true and called classes alone."""
    cells, first, cell = np.unique(
        np.column_stack([y, prediction.predicted]), axis=0, return_index=True, return_inverse=True
    )[:3]
    counts = np.ones((len(cells) + 1, len(y)))
    counts[np.arange(len(cells)) + 1, first] += STEP
    found = REGISTRY[metric].statistic(y, prediction)(counts)
    return float(found[0]), ((found[1:] - found[0]) / STEP)[cell.ravel()]


def _squares(y: Labels, prediction: Prediction) -> Floats:
    given = prediction.probability
    if given is None:
        raise ValueError("the model gives no probabilities")
    both = 2 if given.shape[1] == 2 else 1
    return np.asarray(np.sum((given - np.eye(given.shape[1])[y]) ** 2, axis=1) / both)


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
