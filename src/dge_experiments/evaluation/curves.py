"""The curves behind ROC AUC and average precision: one class against the rest, over all cut-offs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

ROUNDING = 1e-9  # scores of one value differ by less, relative to their size
MOST_POINTS = 400


def roc(y: NDArray[np.int64], ranking: NDArray[np.float64], classes: Sequence[str]) -> pd.DataFrame:
    """Receiver operating characteristic; the last class of two, or each class against the rest.

    Parameters
    ----------
    y : shape (genes,), int class codes, every class present
    ranking : shape (genes,) for two classes, else (genes, classes); higher means more of the class

    Returns
    -------
    columns ``class``, ``false_positive_rate``, ``true_positive_rate``, ``auc`` (of the whole curve); at most
    about 400 points a class

    References
    ----------
    Fawcett 2006, doi:10.1016/j.patrec.2005.10.010
    """
    parts = []
    for name, positive, score in _one_against_rest(y, ranking, classes):
        false, true, _ = roc_curve(positive, score)
        points = _thinned(len(false))
        curve = {"class": name, "false_positive_rate": false[points], "true_positive_rate": true[points]}
        parts.append(pd.DataFrame({**curve, "auc": roc_auc_score(positive, score)}))
    return pd.concat(parts, ignore_index=True)


def precision_recall(
    y: NDArray[np.int64], ranking: NDArray[np.float64], classes: Sequence[str]
) -> pd.DataFrame:
    """Precision against recall; arguments as for :func:`roc`. Between two points the precision is that of the later
    one, as in average precision: a line between them would be too optimistic.

    Returns
    -------
    columns ``class``, ``recall`` (ascending, to the first cut-off at 1), ``precision``,
    ``average_precision`` (of the whole curve), ``prevalence`` (share of the class: the precision of a random order)

    References
    ----------
    Davis & Goadrich 2006, doi:10.1145/1143844.1143874
    """
    parts = []
    for name, positive, score in _one_against_rest(y, ranking, classes):
        precision, recall, _ = precision_recall_curve(positive, score)
        reached = slice(0, int(np.argmax(recall[::-1] >= 1)) + 1)  # further cut-offs only lose precision
        precision, recall = precision[::-1][reached], recall[::-1][reached]
        precision[0] = precision[1]  # undefined where no gene is called; scikit-learn sets it to 1
        points = _thinned(len(recall))
        parts.append(
            pd.DataFrame(
                {
                    "class": name,
                    "recall": recall[points],
                    "precision": precision[points],
                    "average_precision": average_precision_score(positive, score),
                    "prevalence": positive.mean(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _one_against_rest(
    y: NDArray[np.int64], ranking: NDArray[np.float64], classes: Sequence[str]
) -> list[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]:
    if ranking.ndim == 1:
        return [(classes[1], y == 1, ranking)]
    return [(name, y == code, ranking[:, code]) for code, name in enumerate(classes)]


def _thinned(points: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, points - 1, min(points, MOST_POINTS)).astype(np.int64))


def score_bins(
    y: NDArray[np.int64], ranking: NDArray[np.float64], classes: Sequence[str], bins: int = 40
) -> pd.DataFrame:
    """The distribution of the scores of each class; for more than two classes, the score for the gene's true class.

    Parameters
    ----------
    y, ranking, classes : as for :func:`roc`
    bins : of equal width over the scores of all classes; empty ones are left out

    Returns
    -------
    columns ``class``, ``low``, ``high`` (edges of the bin), ``genes``, ``share`` (of the class)
    """
    score = ranking if ranking.ndim == 1 else ranking[np.arange(len(y)), y]
    low, high = float(score.min()), float(score.max())
    edges = np.linspace(low, high, bins + 1)
    if high - low < ROUNDING * max(1.0, abs(low), abs(high)):  # one score, one bin
        half = max(0.5 / bins, high - low)
        edges = np.array([low - half, high + half])
    parts = []
    for code, name in enumerate(classes):
        genes, _ = np.histogram(score[y == code], edges)
        frame = {"class": name, "low": edges[:-1], "high": edges[1:], "genes": genes}
        parts.append(pd.DataFrame({**frame, "share": genes / max(genes.sum(), 1)})[genes > 0])
    return pd.concat(parts, ignore_index=True)
