"""Scikit-learn's scorers, and the user's own, as metrics."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import metrics as sk
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if

from dge_experiments.errors import BadInput, first_line
from dge_experiments.evaluation.metric import Labels, Metric, Needs
from dge_experiments.search.prediction import Prediction

Scorer = Callable[[Any, Any, Any], float]
WEIGHTED = {"micro": "of all genes together", "weighted": "mean of the classes by size"}
SKLEARN: dict[str, tuple[str, Needs]] = {
    **{
        f"{name}_{average}": (f"{title}, {words}", "answers")
        for name, title in {
            "f1": "F1",
            "precision": "precision",
            "recall": "recall",
            "jaccard": "Jaccard index",
        }.items()
        for average, words in WEIGHTED.items()
    },
    "jaccard_macro": ("Jaccard index, mean of the classes", "answers"),
    "matthews_corrcoef": ("MCC", "answers"),
    "d2_log_loss_score": ("share of the log loss explained", "probability"),
    "d2_brier_score": ("share of the Brier score explained", "probability"),
    "roc_auc_ovr": ("ROC AUC, one against the rest", "probability"),
    "roc_auc_ovo": ("ROC AUC, one against one", "probability"),
    "roc_auc_ovr_weighted": ("ROC AUC, one against the rest by size", "probability"),
    "roc_auc_ovo_weighted": ("ROC AUC, one against one by size", "probability"),
}


@dataclass
class Answers(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A prediction as the fitted classifier that a scorer calls; rows are given by their positions.

    Attributes
    ----------
    prediction : of the genes
    has : what it offers a scorer: the classes, the ranking as well, or the probabilities as well
    """

    prediction: Prediction
    has: Needs = "probability"

    @property
    def classes_(self) -> Labels:
        ranking = self.prediction.ranking
        return np.arange(2 if ranking.ndim == 1 else ranking.shape[1])

    def predict(self, rows: npt.NDArray[np.intp]) -> Labels:
        return self.prediction.predicted[rows]

    @available_if(lambda self: self.has != "answers")  # type: ignore[untyped-decorator]
    def decision_function(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        return self.prediction.ranking[rows]

    @available_if(lambda self: self.has == "probability" and self.prediction.probability is not None)  # type: ignore[untyped-decorator]
    def predict_proba(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        return np.asarray(self.prediction.probability)[rows]


def of_sklearn() -> Iterator[Metric]:
    """Scikit-learn's scorers of classifiers, by its own names."""
    for name, (title, needs) in SKLEARN.items():
        lowest = -math.inf if name.startswith("d2_") else -1.0
        yield _metric(name, title, sk.get_scorer(name), needs, (lowest, 1.0))


def metric(name: str, function: Callable[..., float]) -> Metric:
    """The user's own metric: a scorer of ``sklearn.metrics.make_scorer``, or a function of true and called classes
    (codes), both of shape (genes,). More is better.

    Raises
    ------
    BadInput
        it raises for four genes of two classes
    """
    scorer: Scorer = function if hasattr(function, "get_metadata_routing") else sk.make_scorer(function)
    needs: Needs
    for needs in ("answers", "ranking", "probability"):
        try:
            _score(scorer, *example(2), needs)
        except Exception as error:  # the user's code may raise anything
            message = first_line(error)
        else:
            return _metric(name, name.rpartition(".")[2].replace("_", " "), scorer, needs)
    raise BadInput(f"search.scoring={name}: raises for four genes of two classes ({message})")


def check(metric: Metric, classes: int) -> None:
    """Check that a metric gives a number for this number of classes.

    Raises
    ------
    BadInput
        it raises, or gives something else
    """
    try:
        value = metric.score(*example(classes))
        number = isinstance(value, int | float | np.number) and math.isfinite(value)
    except Exception as error:  # the user's code may raise anything
        raise BadInput(
            f"search.scoring={metric.name}: cannot be computed for {classes} classes ({first_line(error)})"
        ) from None
    if not number:
        raise BadInput(f"search.scoring={metric.name}: must give a finite number, and gives {value!r}")


def is_own(metric: Metric) -> bool:
    """Whether it is the user's own."""
    return isinstance(metric.score, partial) and metric.name not in SKLEARN


def example(classes: int) -> tuple[Labels, Prediction]:
    """Two genes of each class, all but the first predicted correctly."""
    y = np.repeat(np.arange(classes), 2)
    predicted = np.r_[1, y[1:]]
    probability = np.full((len(y), classes), 0.1)
    probability[np.arange(len(y)), predicted] = 1
    probability /= probability.sum(axis=1, keepdims=True)
    return y, Prediction(predicted, probability[:, 1] if classes == 2 else probability, probability)


def _metric(
    name: str, title: str, scorer: Scorer, needs: Needs, bounds: tuple[float, float] = (-math.inf, math.inf)
) -> Metric:
    return Metric(name, title, partial(_score, scorer), needs=needs, computed="asked", bounds=bounds)


def _score(scorer: Scorer, y: Labels, prediction: Prediction, has: Needs = "probability") -> float:
    return float(scorer(Answers(prediction, has), np.arange(len(y)), y))
