"""The refitted pipeline on the held-out part, beside the majority baseline on the same genes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation.metrics import confusion, per_class, scores
from dge_experiments.search.prediction import Prediction, predict


@dataclass(frozen=True)
class HeldOut:
    """Attributes
    ----------
    scores, baseline : metric -> value, of the model and of the constant answer
    per_class : rows are classes: precision, recall, f1, genes, predicted
    confusion : counts; rows are true classes, columns predicted ones
    prediction : the model's answers on the held-out genes
    """

    scores: Mapping[str, float]
    baseline: Mapping[str, float]
    per_class: pd.DataFrame
    confusion: pd.DataFrame
    prediction: Prediction


def held_out(
    model: Pipeline,
    X: pd.DataFrame,
    y: npt.NDArray[np.int64],
    train: npt.NDArray[np.intp],
    test: npt.NDArray[np.intp],
    classes: Sequence[str],
) -> HeldOut:
    """Score ``model``, fitted on the rows ``train``, on the rows ``test``.

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,); train and test are row positions
    """
    majority = DummyClassifier(strategy="most_frequent").fit(X.iloc[train], y[train])
    prediction = predict(model, X.iloc[test])
    return HeldOut(
        scores=scores(y[test], prediction),
        baseline=scores(y[test], predict(majority, X.iloc[test])),
        per_class=per_class(y[test], prediction.predicted, classes),
        confusion=confusion(y[test], prediction.predicted, classes),
        prediction=prediction,
    )
