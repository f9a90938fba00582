"""What a fitted classifier predicts for genes: classes, a ranking, probabilities where it has them."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Kept = Literal["class", "ranking", "probability", "answer"]


@dataclass(frozen=True)
class Prediction:
    """Rows are genes.

    Attributes
    ----------
    predicted : shape (genes,), int class codes
    ranking : shape (genes,) for two classes: higher means more of class 1; else (genes, classes).
        The probability where the model has one, else its decision function.
    probability : shape (genes, classes) or None
    """

    predicted: npt.NDArray[np.int64]
    ranking: npt.NDArray[np.float64]
    probability: npt.NDArray[np.float64] | None

    def kept(self, part: Kept) -> npt.NDArray[Any]:
        """A part of it: ``class`` (int8), ``ranking`` or ``probability`` (32 bits), or the whole ``answer``, the
        probabilities (the decision function where there are none)."""
        if part == "class":
            return self.predicted.astype(np.int8)
        if part == "ranking":
            return self.ranking.astype(np.float32)
        if part == "probability" and self.probability is not None:
            return self.probability.astype(np.float32)
        return self.ranking if self.probability is None else self.probability

    def of(self, rows: npt.NDArray[np.signedinteger]) -> "Prediction":
        """The same for these rows."""
        probability = None if self.probability is None else self.probability[rows]
        return Prediction(self.predicted[rows], self.ranking[rows], probability)


@dataclass(frozen=True, eq=False)
class Keep:
    """Which part of the predictions is kept.

    Attributes
    ----------
    part : of each prediction (see ``Prediction.kept``)
    rows : positions of the genes it is kept for; None: all genes
    """

    part: Kept
    rows: npt.NDArray[np.signedinteger] | None = None

    def among(self, rows: npt.NDArray[np.signedinteger]) -> npt.NDArray[np.signedinteger]:
        """Those of ``rows`` that predictions are kept for, in their order."""
        return rows if self.rows is None else rows[np.isin(rows, self.rows)]

    def of(self, prediction: Prediction, rows: npt.NDArray[np.signedinteger]) -> npt.NDArray[Any]:
        """The kept part of a prediction for the genes at the positions ``rows``."""
        if self.rows is not None:
            prediction = prediction.of(np.flatnonzero(np.isin(rows, self.rows)))
        return prediction.kept(self.part)


def predict(model: Any, X: Any) -> Prediction:
    """Predict the genes in the rows of ``X`` with a fitted classifier."""
    if not hasattr(model, "predict_proba"):
        decision = model.decision_function(X)
        return Prediction(model.predict(X).astype(np.int64), decision, None)
    prediction = from_probability(model.predict_proba(X), model.classes_)
    if not hasattr(model, "decide"):  # a model with its own threshold decides by it
        return prediction
    return replace(
        prediction, predicted=model.classes_[model.decide(prediction.probability)].astype(np.int64)
    )


def from_probability(probability: npt.NDArray[Any], classes: npt.NDArray[Any]) -> Prediction:
    """The most probable class (the first of equal ones), ranked by probability."""
    wide = probability.astype(np.float64)
    predicted = classes[wide.argmax(axis=1)].astype(np.int64)
    ranking = wide[:, 1] if wide.shape[1] == 2 else wide
    # XGBoost's probabilities have 32 bits and sum to 1 only nearly
    return Prediction(predicted, ranking, wide / wide.sum(axis=1, keepdims=True))
