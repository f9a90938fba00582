"""What one order of the held-out genes is worth more than another, with an interval."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dge_experiments.evaluation import resampled
from dge_experiments.search.prediction import Prediction

RESAMPLES = 1000
BLOCK = 100
LEVEL = 0.95

Labels = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gain:
    """Attributes
    ----------
    metric : what is compared
    difference : score of the first prediction less that of the second, on the same genes
    low, high : its 95 % interval
    """

    metric: str
    difference: float
    low: float
    high: float

    @property
    def found(self) -> bool:
        """Whether the first is better: the interval lies above 0."""
        return self.low > 0

    @property
    def text(self) -> str:
        """The difference with its interval."""
        return f"{self.difference:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def gain(y: Labels, first: Prediction, second: Prediction, metric: str, seed: int) -> Gain:
    """Difference of two predictions' scores on the same genes, by a paired bootstrap within each class.

    Genes are drawn anew, of each class as many as there are, and both predictions are scored on them; the interval is
    that of the percentiles. It holds for other genes of this table, not for another study.

    Parameters
    ----------
    y : shape (genes,), class codes 0 and 1
    metric : of ``metrics.METRICS``
    """
    scored = [_statistic(y, prediction, metric) for prediction in (first, second)]
    rng, drawn = np.random.default_rng(seed), []
    classes = [np.flatnonzero(y == code) for code in (0, 1)]
    for start in range(0, RESAMPLES, BLOCK):
        counts = np.zeros((min(BLOCK, RESAMPLES - start), len(y)))
        for rows in classes:
            counts[:, rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), len(counts))
        drawn.append(scored[0](counts) - scored[1](counts))
    once = np.ones((1, len(y)))
    low, high = np.quantile(np.concatenate(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Gain(metric, float((scored[0](once) - scored[1](once))[0]), float(low), float(high))


def _statistic(y: Labels, prediction: Prediction, metric: str) -> resampled.Statistic:
    if metric == "roc_auc":
        return resampled.roc_auc(y, prediction.ranking)
    if metric == "average_precision":
        return resampled.average_precision(y, prediction.ranking)
    of_classes = {
        "accuracy": resampled.accuracy,
        "balanced_accuracy": resampled.balanced_accuracy,
        "mcc": resampled.matthews,
    }
    return of_classes[metric](y, prediction.predicted)
