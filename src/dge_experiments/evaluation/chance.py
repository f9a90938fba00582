"""Whether answers on held-out genes are better than the constant answer, or only by chance."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, hypergeom, mannwhitneyu, norm, random_table, rankdata
from sklearn.metrics import confusion_matrix

from dge_experiments.evaluation.influence import design_effect, influences
from dge_experiments.evaluation.metric import Metric
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.search.prediction import Prediction

PERMUTATIONS = 5_000
GENES_DEALT = 20_000_000  # labels permuted in all permutations together: takes seconds
ANY_PERMUTATIONS = 1_000  # where each is scored separately
FEWEST = 200  # with so many, the mean and the standard deviation of the null distribution are known to 7 %

CELLS = 500_000  # labels permuted at a time

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Positive = npt.NDArray[np.bool_]
Score = Callable[[Positive], Floats]  # of labels dealt, shape (draws, genes), to shape (draws,)


def p_value(
    y: Labels,
    prediction: Prediction,
    metric: str,
    *,
    constant: int,
    seed: int,
    groups: npt.ArrayLike | None = None,
) -> float:
    """One-sided p-value of a score on held-out genes: by permuting the labels with fixed answers, or in closed form.

    =================  ==============================================================================================
    accuracy           exact sign test of the genes that only the model, or only the constant answer predicts correctly
    the classes called two classes: Fisher's exact test, which is their permutation test; more: 5,000 tables drawn
    (MCC, F1, ...)     with the same margins
    ROC AUC            two classes: the rank-sum test; more: 5,000 permutations
    average precision  5,000 permutations; above 4,000 genes fewer, and the normal distribution of their scores
    others             1,000 permutations
    =================  ==============================================================================================

    Parameters
    ----------
    y : shape (genes,), class codes, every class present
    metric : of `metrics.REGISTRY`
    constant : the class that the constant answer gives
    seed : of the permutations
    groups : shape (genes,), equal where rows share a gene: the test's normal deviate is divided by the root of the
        design effect

    References
    ----------
    Ojala & Garriga 2010, Journal of Machine Learning Research 11:1833 (permuted labels); Fisher 1922,
    doi:10.2307/2340521; Mann & Whitney 1947, doi:10.1214/aoms/1177730491; Rao & Scott 1992, doi:10.2307/2532311
    """
    p = _of_independent_rows(y, prediction, metric, constant, np.random.default_rng(seed))
    if groups is None:
        return p
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    effect = design_effect(influences(y, prediction, metric, codes)[1], codes)
    return float(norm.sf(norm.isf(p) / np.sqrt(effect)))


def _of_independent_rows(
    y: Labels, prediction: Prediction, metric: str, constant: int, rng: np.random.Generator
) -> float:
    if metric == "accuracy":
        right, constant_right = prediction.predicted == y, y == constant
        gained, differing = int(np.sum(right & ~constant_right)), int(np.sum(right != constant_right))
        return float(binom.sf(gained - 1, differing, 0.5))
    if REGISTRY[metric].needs == "answers" and REGISTRY[metric].resampled is not None:
        return _of_table(y, prediction.predicted, metric, rng)
    if metric not in ("roc_auc", "average_precision"):
        return _of_any(y, prediction, REGISTRY[metric], rng)
    if metric == "roc_auc" and prediction.ranking.ndim == 1:
        ranking = prediction.ranking
        return float(mannwhitneyu(ranking[y == 1], ranking[y != 1], alternative="greater").pvalue)
    columns = prediction.ranking if prediction.ranking.ndim == 2 else prediction.ranking[:, None]
    classes = list(range(columns.shape[1])) if columns.shape[1] > 1 else [1]
    scores = {"roc_auc": _auc, "average_precision": _precision}[metric]
    by_class = [scores(column) for column in columns.T]

    def score(labels: Labels) -> Floats:
        return np.asarray(
            np.mean(
                [class_score(labels == k) for class_score, k in zip(by_class, classes, strict=True)], axis=0
            )
        )

    draws = int(np.clip(GENES_DEALT // len(y), FEWEST, PERMUTATIONS))
    block = max(1, CELLS // len(y))
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    null = np.concatenate([score(rng.permuted(np.tile(y, (size, 1)), axis=1)) for size in sizes])
    observed = float(score(y[None])[0])
    if draws < PERMUTATIONS:
        return float(norm.sf((observed - null.mean()) / null.std(ddof=1)))
    return float((1 + np.sum(null >= observed - 1e-12)) / (1 + draws))


def _of_any(y: Labels, prediction: Prediction, metric: Metric, rng: np.random.Generator) -> float:
    """The p-value by permutation, with the score computed for each permutation."""
    observed = metric.score(y, prediction)
    null = np.array([metric.score(rng.permutation(y), prediction) for _ in range(ANY_PERMUTATIONS)])
    return float((1 + np.sum(null >= observed - 1e-12)) / (1 + len(null)))


def _of_table(y: Labels, predicted: Labels, metric: str, rng: np.random.Generator) -> float:
    classes = int(max(y.max(), predicted.max())) + 1
    table = confusion_matrix(y, predicted, labels=range(classes))
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if classes == 2:
        return float(hypergeom.sf(table[1, 1] - 1, len(y), rows[1], columns[1]))
    tables = np.concatenate([table[None], random_table(rows, columns).rvs(PERMUTATIONS, random_state=rng)])
    true, called = (codes.ravel() for codes in np.indices((classes, classes)))
    cells = Prediction(called, called.astype(np.float64), None)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = REGISTRY[metric].statistic(true, cells)(tables.reshape(len(tables), -1).astype(np.float64))
    return float(np.mean(scores >= scores[0] - 1e-12))


def _auc(ranking: Floats) -> Score:
    ranks, genes = rankdata(ranking), len(ranking)

    def score(positive: Positive) -> Floats:
        n = positive.sum(axis=1)
        return np.asarray((positive @ ranks - n * (n + 1) / 2) / (n * (genes - n)))

    return score


def _precision(ranking: Floats) -> Score:
    order = np.argsort(-ranking, kind="stable")
    called = np.searchsorted(-ranking[order], -ranking[order], side="right")

    def score(positive: Positive) -> Floats:
        hits = positive[:, order]
        precision = np.cumsum(hits, axis=1)[:, called - 1] / called
        return np.asarray(np.sum(precision * hits, axis=1) / hits.sum(axis=1))

    return score
