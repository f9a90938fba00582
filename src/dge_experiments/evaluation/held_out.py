"""A fitted model on genes it has not seen, with intervals, beside the majority baseline on the same genes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

from dge_experiments.evaluation import resampled
from dge_experiments.evaluation.calibration import expected_calibration_error
from dge_experiments.evaluation.intervals import BCA_GENES, alike, stratified, wilson
from dge_experiments.evaluation.metrics import confusion, per_class, scores
from dge_experiments.search.prediction import Prediction, predict

Labels = npt.NDArray[np.int64]
ENOUGH = 10


@dataclass(frozen=True)
class HeldOut:
    """Attributes
    ----------
    y : shape (genes,), the true class codes
    scores, baseline : metric -> value, of the model and of the constant answer
    intervals : rows are metrics (index), columns low and high: 95 %; Wilson for accuracy, else stratified BCa
        bootstrap; nan where the genes cannot tell
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
    """The constant answer: the most frequent class, with the classes' shares as its probabilities."""
    return DummyClassifier(strategy="prior").fit(np.zeros((len(y), 1), np.int8), y)


def held_out(
    model: BaseEstimator,
    baseline: BaseEstimator,
    X: pd.DataFrame,
    y: Labels,
    classes: Sequence[str],
    *,
    seed: int,
) -> HeldOut:
    """Score fitted ``model`` and ``baseline`` on genes that neither was fitted on.

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,)
    seed : draws the bootstrap
    """
    prediction = predict(model, X)
    values = scores(y, prediction)
    if prediction.probability is not None:
        values["ece"] = expected_calibration_error(y, _of_calibration(prediction))
    recalls = per_class(y, prediction.predicted, classes)
    right = (recalls["recall"] * recalls["genes"]).round().astype(int)
    limits = [wilson(r, n) for r, n in zip(right, recalls["genes"], strict=True)]
    recalls = recalls.assign(recall_low=[low for low, _ in limits], recall_high=[high for _, high in limits])
    return HeldOut(
        y=y,
        scores=values,
        baseline=scores(y, predict(baseline, X)),
        intervals=intervals(y, prediction, seed),
        per_class=recalls,
        confusion=confusion(y, prediction.predicted, classes),
        prediction=prediction,
        small=tuple(recalls.loc[recalls["genes"] < ENOUGH, "class"]),
    )


def intervals(y: Labels, prediction: Prediction, seed: int) -> pd.DataFrame:
    """95 % intervals: rows are metrics (index), columns low, high; of two classes above 15,000 genes to four digits
    (see ``intervals.alike``)."""
    accuracy, sizes = wilson(int((y == prediction.predicted).sum()), len(y)), None
    if len(y) > BCA_GENES and prediction.ranking.ndim == 1:
        y, prediction, sizes = alike(y, prediction)
    predicted, ranking, probability = prediction.predicted, prediction.ranking, prediction.probability
    statistics = {
        "balanced_accuracy": resampled.balanced_accuracy(y, predicted),
        "mcc": resampled.matthews(y, predicted),
        "roc_auc": resampled.roc_auc(y, ranking),
        "average_precision": resampled.average_precision(y, ranking),
    }
    if probability is not None:
        of = probability[:, 1] if probability.shape[1] == 2 else probability
        statistics["brier"] = resampled.brier(y, of)
        statistics["log_loss"] = resampled.log_loss(y, of)
    bootstrapped = stratified(y, statistics, seed=seed, resamples=1000, sizes=sizes)[["low", "high"]]
    first = pd.DataFrame([accuracy], index=pd.Index(["accuracy"], name="metric"), columns=["low", "high"])
    return pd.concat([first, bootstrapped])


def _of_calibration(prediction: Prediction) -> npt.NDArray[np.float64]:
    probability = prediction.probability
    if probability is None:
        raise ValueError("no probabilities")
    return probability[:, 1] if probability.shape[1] == 2 else probability
