"""95 % intervals of scores, for other genes of the same table, in closed form.

They exist for every score, also for a perfect or a constant answer, and hold from 60 genes and 4 of a class upwards
(docs/methods.md has the measured coverage). They assume genes drawn at random, each alone or in ``groups`` of rows that
share a gene. They do not hold for another study.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student
from sklearn.metrics import confusion_matrix

from dge_experiments.evaluation import influence
from dge_experiments.evaluation.area import auc_limits, average_precision_limits
from dge_experiments.evaluation.influence import CERTAIN, LOSSES, correlation, design_effect, influences
from dge_experiments.evaluation.proportion import LEVEL, Limits, near_ends, wilson
from dge_experiments.search.prediction import Prediction

DRAWS = 4_000  # confusion matrices: the limits vary by less than 0.005

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Groups = NDArray[np.intp] | None


def intervals(
    y: Labels, prediction: Prediction, *, seed: int, groups: ArrayLike | None = None, also: str = ""
) -> pd.DataFrame:
    """95 % intervals of all scores: rows are metrics (index), columns `low`, `high`.

    Parameters
    ----------
    y : shape (genes,), class codes, every class present
    groups : shape (genes,), equal where rows share a gene; None where rows are independent
    seed : draws the confusion matrices of the Matthews correlation
    also : a further metric, whose interval rests on its influences and Student's t with the size of the smallest class
        less one
    """
    codes = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    right = y == prediction.predicted
    limits = {
        "accuracy": _accuracy(right, codes),
        "balanced_accuracy": _balanced_accuracy(y, right, codes),
        "mcc": _matthews(y, prediction.predicted, codes, seed),
        "roc_auc": _against_rest(y, prediction.ranking, codes, "roc_auc"),
        "average_precision": _against_rest(y, prediction.ranking, codes, "average_precision"),
    }
    if prediction.probability is not None:
        most = 1.0 if prediction.probability.shape[1] == 2 else 2.0
        limits["brier"] = mean_loss(y, LOSSES["brier"](y, prediction), codes, most, most)
        limits["log_loss"] = mean_loss(
            y, LOSSES["log_loss"](y, prediction), codes, -float(np.log(CERTAIN)), 1.0
        )
    if also and also not in limits:
        limits[also] = _by_influence(y, prediction, also, codes)
    return pd.DataFrame.from_dict(limits, orient="index", columns=["low", "high"]).rename_axis("metric")


def mover(
    weights: ArrayLike, estimates: ArrayLike, limits: ArrayLike, correlations: Floats | None = None
) -> Limits:
    """The interval of a weighted sum from the intervals of its parts: the method of variance estimates recovery.

    Parameters
    ----------
    weights, estimates : shape (parts,)
    limits : shape (parts, 2), low and high
    correlations : shape (parts, parts), of the estimates; independent where not given

    References
    ----------
    Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I (a difference of proportions);
    Zou & Donner 2008, doi:10.1002/sim.3095; Zou 2007, doi:10.1037/1082-989X.12.4.399 (correlated)
    """
    w, estimate, ends = (np.asarray(a, dtype=np.float64) for a in (weights, estimates, limits))
    related = np.eye(len(w)) if correlations is None else correlations
    below, above = w * (estimate - ends[:, 0]), w * (ends[:, 1] - estimate)
    down, up = np.where(w > 0, below, above), np.where(w > 0, above, below)
    centre = float(w @ estimate)
    reach = [np.sqrt(max(0.0, float(side @ related @ side))) for side in (down, up)]
    return centre - float(reach[0]), centre + float(reach[1])


def mean_loss(y: Labels, loss: Floats, groups: Groups, most: float, scale: float) -> Limits:
    """Interval of a mean loss over genes drawn at random: MOVER of the classes' shares (Wilson) and mean losses.

    The mean loss of a class has Student's limits on a log scale. One gene is added to the variance: its loss is `scale`
    with the probability that gives the same mean. Costly errors are rare, and a small class may show none.

    Parameters
    ----------
    loss : shape (genes,), from 0 to `most`
    """
    n, mean = len(y), float(loss.mean())
    weights, estimates, ends, influences = [], [], [], []
    for code in np.unique(y):
        in_class = y == code
        share, class_loss = float(in_class.mean()), float(loss[in_class].mean())
        share_influence, loss_influence = (in_class - share) / n, np.where(in_class, loss - class_loss, 0.0)
        effect, counted = (
            design_effect(share_influence, groups),
            in_class.sum() / _within(loss_influence, in_class, groups),
        )
        variance = (counted * float(loss[in_class].var()) + class_loss * scale) / counted
        weights += [class_loss - mean, share]
        estimates += [share, class_loss]
        ends += [
            wilson(in_class.sum() / effect, n / effect),
            _log_limits(class_loss, variance, counted, most, scale),
        ]
        influences += [share_influence, loss_influence / in_class.sum()]
    low, high = mover(weights, estimates, ends, correlation(np.stack(influences, axis=1), groups))
    shift = mean - float(np.dot(weights, estimates))
    return max(0.0, low + shift), min(most, high + shift)


def _log_limits(mean: float, variance: float, n: float, most: float, scale: float) -> Limits:
    """Student's limits of a mean on a log scale; for a mean of 0, `scale` times Wilson's limits of a share of 0."""
    if mean == 0:
        return 0.0, scale * wilson(0, n)[1]
    if n <= 1:
        return 0.0, most
    reach = student.ppf((1 + LEVEL) / 2, n - 1) * np.sqrt(variance / n) / mean
    return mean * float(np.exp(-reach)), min(most, mean * float(np.exp(min(reach, 700.0))))


def _accuracy(right: NDArray[np.bool_], groups: Groups) -> Limits:
    effect = design_effect(right - right.mean(), groups)
    return near_ends(right.sum() / effect, len(right) / effect)


def _balanced_accuracy(y: Labels, right: NDArray[np.bool_], groups: Groups) -> Limits:
    """MOVER of the classes' recalls."""
    recalls, ends, influences = [], [], []
    for code in np.unique(y):
        in_class = y == code
        recall = float(right[in_class].mean())
        recall_influence = np.where(in_class, right - recall, 0.0)
        effect = _within(recall_influence, in_class, groups)
        recalls.append(recall)
        ends.append(near_ends(right[in_class].sum() / effect, in_class.sum() / effect))
        influences.append(recall_influence)
    equal = np.full(len(recalls), 1 / len(recalls))
    return mover(equal, recalls, ends, correlation(np.stack(influences, axis=1), groups))


def _matthews(y: Labels, predicted: Labels, groups: Groups, seed: int) -> Limits:
    """Quantiles over confusion matrices drawn from their posterior: shares of the classes, and of the answers in each.

    The prior adds 1 / classes to each cell: Jeffreys' prior for two classes, the overall objective prior for more.

    References
    ----------
    Berger, Bernardo & Sun 2015, doi:10.1214/14-BA915
    """
    classes = int(max(y.max(), predicted.max())) + 1
    counts = confusion_matrix(y, predicted, labels=range(classes)).astype(np.float64)
    effect = 1.0 if groups is None else design_effect(influence.of_matthews(counts)[y, predicted], groups)
    rng, prior = np.random.default_rng(seed), 1 / classes
    shares = rng.dirichlet(counts.sum(axis=1) / effect + prior, DRAWS)
    answers = np.stack([rng.dirichlet(row / effect + prior, DRAWS) for row in counts], axis=1)
    simulated = influence.matthews(shares[:, :, None] * answers)
    low, high = np.quantile(simulated, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    score = float(influence.matthews(counts))
    return min(score, float(low)), max(score, float(high))


def _against_rest(y: Labels, ranking: Floats, groups: Groups, metric: str) -> Limits:
    """Limits for the second of two classes; for more, MOVER of each class against the rest."""
    columns = {1: ranking} if ranking.ndim == 1 else dict(enumerate(ranking.T))
    scores, ends, influences = [], [], []
    for code, column in columns.items():
        positive = y == code
        sizes = float(positive.sum()), float((~positive).sum())
        if metric == "roc_auc":
            score, class_influence = influence.roc_auc(positive, column)
            ends.append(auc_limits(score, class_influence, sizes, design_effect(class_influence, groups)))
        else:
            score, class_influence = influence.average_precision(positive, column)
            effect = (
                design_effect(class_influence, groups)
                if score < 1
                else _within(class_influence, positive, groups)
            )
            ends.append(average_precision_limits(score, class_influence, sizes[0], effect))
        scores.append(score)
        influences.append(class_influence)
    equal = np.full(len(scores), 1 / len(scores))
    return mover(equal, scores, ends, correlation(np.stack(influences, axis=1), groups))


def _by_influence(y: Labels, prediction: Prediction, metric: str, groups: Groups) -> Limits:
    score, by_gene = influences(y, prediction, metric, groups)
    if not by_gene.any():  # the influences of a perfect or a constant answer are all 0
        return float("nan"), float("nan")
    freedom = max(1, int(np.bincount(y)[np.unique(y)].min()) - 1)
    reach = student.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(
        design_effect(by_gene, groups) * (by_gene @ by_gene)
    )
    return score - float(reach), score + float(reach)


def _within(influences: Floats, in_class: NDArray[np.bool_], groups: Groups) -> float:
    """The design effect among the genes of one class."""
    return design_effect(influences[in_class], None if groups is None else groups[in_class])
