"""A fitted model on held-out genes, with intervals, compared with the majority baseline on the same genes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

from dge_experiments.evaluation.confusion import confusion, per_class
from dge_experiments.evaluation.intervals import intervals
from dge_experiments.evaluation.metrics import scores
from dge_experiments.evaluation.proportion import wilson
from dge_experiments.search.prediction import Prediction, predict

Labels = npt.NDArray[np.int64]
ENOUGH = 10


@dataclass(frozen=True)
class HeldOut:
    """Attributes
    ----------
    y : shape (genes,), the true class codes
    scores, baseline : metric -> value, for the model and for the constant answer
    intervals : rows are metrics (index), columns low and high: 95 % (see ``evaluation.intervals``),
        nan where there is none
    per_class : rows are classes: precision, recall with its Wilson interval, f1, genes, predicted
    confusion : counts; rows are true classes, columns predicted ones
    prediction : the model's answers
    small : classes with fewer than 10 of these genes: too small to tell
    """

    y: Labels
    scores: Mapping[str, float]
    baseline: Mapping[str, float]
    intervals: pd.DataFrame
    per_class: pd.DataFrame
    confusion: pd.DataFrame
    prediction: Prediction
    small: tuple[str, ...]


def majority(y: Labels) -> DummyClassifier:
    """The constant answer: the most frequent class, with the shares of the classes as probabilities."""
    return DummyClassifier(strategy="prior").fit(np.zeros((len(y), 1), np.int8), y)


def held_out(
    model: BaseEstimator,
    baseline: BaseEstimator,
    X: pd.DataFrame,
    y: Labels,
    classes: Sequence[str],
    *,
    scoring: str,
    seed: int,
    groups: npt.NDArray[Any] | None = None,
) -> HeldOut:
    """Score fitted ``model`` and ``baseline`` on genes that neither was fitted on.

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,)
    scoring : the metric that the search maximised; it is computed as well
    seed : draws for the interval of the Matthews correlation
    groups : shape (genes,), equal where rows share a gene
    """
    prediction = predict(model, X)
    values = scores(y, prediction, scoring, held_out=True)
    recalls = per_class(y, prediction.predicted, classes)
    right = (recalls["recall"] * recalls["genes"]).round().astype(int)
    limits = [wilson(r, n) for r, n in zip(right, recalls["genes"], strict=True)]
    recalls = recalls.assign(recall_low=[low for low, _ in limits], recall_high=[high for _, high in limits])
    return HeldOut(
        y=y,
        scores=values,
        baseline=scores(y, predict(baseline, X), scoring),
        intervals=intervals(y, prediction, seed=seed, groups=groups, also=scoring).reindex(list(values)),
        per_class=recalls,
        confusion=confusion(y, prediction.predicted, classes),
        prediction=prediction,
        small=tuple(recalls.loc[recalls["genes"] < ENOUGH, "class"]),
    )
