"""What a fitted classifier says of genes: classes, a ranking, probabilities where it has them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


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


def predict(model: Any, X: Any) -> Prediction:
    """Predict the genes in the rows of ``X`` with a fitted classifier."""
    if not hasattr(model, "predict_proba"):
        decision = model.decision_function(X)
        return Prediction(model.predict(X).astype(np.int64), decision, None)
    given = model.predict_proba(X).astype(np.float64)
    predicted = model.classes_[given.argmax(axis=1)].astype(np.int64)
    ranking = given[:, 1] if given.shape[1] == 2 else given
    return Prediction(
        predicted, ranking, given / given.sum(axis=1, keepdims=True)
    )  # XGBoost's are 32 bits wide
