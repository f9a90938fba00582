"""The task of a search: the data that every candidate is fitted on, and the score."""

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
    path : the parameter that sets the length of a fit whose beginning is a shorter fit (see ``sharing``), or None
    keep : the part of each prediction that is kept with its trial, or None
    """

    pipeline: Pipeline
    X: npt.NDArray[np.float64]
    y: npt.NDArray[np.int64]
    folds: Sequence[Fold]
    score: Score
    path: str | None = None
    keep: Keep | None = None
