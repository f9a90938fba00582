"""A metric: a score of predictions, and the part of a prediction that it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dge_experiments.evaluation.resampled import Statistic
from dge_experiments.search.prediction import Prediction

Labels = npt.NDArray[np.int64]
Needs = Literal["answers", "ranking", "probability"]


@dataclass(frozen=True)
class Metric:
    """Attributes
    ----------
    name : as in ``search.scoring`` and in the names of logged scores
    title : as it reads in a sentence
    score : class codes, shape (genes,), and a prediction -> the score
    resampled : the same on many resamples at once (see ``evaluation.resampled``); None: one resample at a time
    needs : the part of a prediction that it reads: ``answers``, ``ranking`` or ``probability``
    greater_is_better : whether more is better
    computed : on every fold and part (``always``), on held-out genes (``held out``), or as ``search.scoring`` only
        (``asked``)
    bounds : the lowest and the highest possible score
    """

    name: str
    title: str
    score: Callable[[Labels, Prediction], float]
    resampled: Callable[[Labels, Prediction], Statistic] | None = None
    needs: Needs = "answers"
    greater_is_better: bool = True
    computed: Literal["always", "held out", "asked"] = "always"
    bounds: tuple[float, float] = (-1.0, 1.0)

    @property
    def of_answers(self) -> bool:
        """Whether it can compare models by their answers for the same genes: more is better and every model has it."""
        return self.greater_is_better and self.needs != "probability"

    def statistic(self, y: Labels, prediction: Prediction) -> Statistic:
        """A function of how often each gene is drawn, shape (resamples, genes), to scores, shape (resamples,)."""
        if self.resampled is not None:
            return self.resampled(y, prediction)

        def scored(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            resamples = (np.repeat(np.arange(len(y)), row.astype(int)) for row in counts)
            return np.array([self.score(y[rows], prediction.of(rows)) for rows in resamples])

        return scored
