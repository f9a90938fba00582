"""What every candidate of a search is fitted on and scored by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from dge_experiments.problem.dealing import Fold
from dge_experiments.search.prediction import Keep, Prediction

Score = Callable[[npt.NDArray[np.int64], Prediction], dict[str, float]]


@dataclass(frozen=True, eq=False)
class Task:
    """Attributes
    ----------
    pipeline : unfitted; a candidate's parameters are those of its last step
    X : shape (genes, features), float64
    y : shape (genes,), int class codes
    folds : pairs of row positions (fit on, score on)
    score : true classes and a prediction -> metric -> score
    path : the parameter of which a shorter fit is the beginning of a longer one (see ``sharing``), or None
    keep : what of each prediction stays with its trial, or None
    """

    pipeline: Pipeline
    X: npt.NDArray[np.float64]
    y: npt.NDArray[np.int64]
    folds: Sequence[Fold]
    score: Score
    path: str | None = None
    keep: Keep | None = None
