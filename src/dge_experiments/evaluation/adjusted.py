"""A fitted model with calibrated probabilities and a chosen threshold for calling the class."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if

from dge_experiments.evaluation import calibrators

Floats = npt.NDArray[np.float64]


def has_probabilities(adjusted: "AdjustedClassifier") -> bool:
    return adjusted.method != "none" or hasattr(adjusted.model, "predict_proba")


class AdjustedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The model that is served: fitted on all its training genes, with its calibration and its threshold.

    Parameters
    ----------
    model : fitted
    method : ``none`` or one of ``calibrators.METHODS``
    maps : the numbers of one map for two classes, of one map per class for more
    threshold : for two classes, the second is called above it: a probability, or a decision value where the model has
        no probabilities; for more classes the most probable one is called
    """

    def __init__(
        self, model: Any, method: str = "none", maps: tuple[Floats, ...] = (), threshold: float = 0.5
    ) -> None:
        self.model = model
        self.method = method
        self.maps = maps
        self.threshold = threshold

    def fit(self, X: Any, y: npt.ArrayLike) -> Self:
        """Does nothing: the parts are already fitted."""
        return self

    @property
    def classes_(self) -> npt.NDArray[Any]:
        return np.asarray(self.model.classes_)

    @property
    def n_features_in_(self) -> int:
        return int(self.model.n_features_in_)

    @property
    def feature_names_in_(self) -> npt.NDArray[Any]:
        return np.asarray(self.model.feature_names_in_)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    @available_if(has_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Floats:
        """Shape (genes, classes)."""
        return probabilities(
            answers(self.model, X), hasattr(self.model, "predict_proba"), self.method, self.maps
        )

    @available_if(lambda adjusted: not has_probabilities(adjusted))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Floats:
        """The model's decision function."""
        return answers(self.model, X)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The class of each gene."""
        values = self.predict_proba(X) if has_probabilities(self) else self.decision_function(X)
        return np.asarray(self.classes_[decided(values, self.threshold)])

    def decide(self, probability: Floats) -> npt.NDArray[np.int64]:
        """Positions of the called classes, from what `predict_proba` gave."""
        return decided(probability, self.threshold)


def answers(model: Any, X: Any) -> Floats:
    """Probabilities of the classes, or the decision function of a model that has none."""
    values = model.predict_proba(X) if hasattr(model, "predict_proba") else model.decision_function(X)
    values = np.asarray(values, dtype=np.float64)
    return values / values.sum(axis=1, keepdims=True) if hasattr(model, "predict_proba") else values


def probabilities(values: Floats, are_probabilities: bool, method: str, maps: tuple[Floats, ...]) -> Floats:
    """Mapped probabilities, shape (genes, classes), from what `answers` gave."""
    if method == "none":
        return values
    scores = calibrators.log_odds(values) if are_probabilities else values
    if len(maps) == 1:
        p = calibrators.apply(method, maps[0], scores if scores.ndim == 1 else scores[:, 1])
        return np.column_stack([1 - p, p])
    mapped = np.column_stack(
        [calibrators.apply(method, numbers, s) for numbers, s in zip(maps, scores.T, strict=True)]
    )
    return np.asarray(mapped / mapped.sum(axis=1, keepdims=True))


def decided(values: Floats, threshold: float) -> npt.NDArray[np.int64]:
    """The called classes: the second of two classes above the threshold; the most probable of more."""
    if values.ndim == 1:
        return (values > threshold).astype(np.int64)
    if values.shape[1] == 2:
        return (values[:, 1] > threshold).astype(np.int64)
    return np.asarray(values.argmax(axis=1), dtype=np.int64)
