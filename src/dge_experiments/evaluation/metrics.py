"""The metrics: one registry with an entry for each; rows are genes."""

import math
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn import metrics as sk

from dge_experiments.errors import BadInput, nearest
from dge_experiments.evaluation import resampled, scorers
from dge_experiments.evaluation.calibration import binning, expected_calibration_error
from dge_experiments.evaluation.metric import Labels, Metric
from dge_experiments.evaluation.resampled import Statistic
from dge_experiments.search.prediction import Prediction


def _counted(
    name: str, title: str, statistic: Callable[[Labels, npt.NDArray[np.int64]], Statistic]
) -> Metric:
    """A metric of the answers that only ``search.scoring`` computes."""

    def statistic_of(y: Labels, prediction: Prediction) -> Statistic:
        return statistic(y, prediction.predicted)

    return Metric(name, title, lambda y, p: _once(statistic_of(y, p), len(y)), statistic_of, computed="asked")


def _negative(name: str, title: str, loss: Metric) -> Metric:
    """A loss as a score to be maximised, by scikit-learn's name."""

    def negative_statistic(y: Labels, prediction: Prediction) -> Statistic:
        statistic = loss.statistic(y, prediction)
        return lambda counts: -statistic(counts)

    bounds = -math.inf, 0.0
    return Metric(
        name,
        title,
        lambda y, p: -loss.score(y, p),
        negative_statistic,
        loss.needs,
        computed="asked",
        bounds=bounds,
    )


def _once(statistic: Statistic, genes: int) -> float:
    return float(statistic(np.ones((1, genes)))[0])


def _probability(prediction: Prediction) -> npt.NDArray[np.float64]:
    if prediction.probability is None:
        raise ValueError("the model gives no probabilities")
    return prediction.probability


def _of_two(prediction: Prediction) -> npt.NDArray[np.float64]:
    """The probability of the second of two classes, else of each."""
    probability = _probability(prediction)
    return probability[:, 1] if probability.shape[1] == 2 else probability


def _one_hot(y: Labels, ranking: npt.NDArray[np.float64]) -> Labels:
    return y if ranking.ndim == 1 else np.eye(ranking.shape[1], dtype=np.int64)[y]


def _codes(prediction: Prediction) -> range:
    return range(_probability(prediction).shape[1])


BRIER = Metric(
    "brier", "Brier score (lower is better)",
    lambda y, p: float(sk.brier_score_loss(y, _probability(p), labels=_codes(p))),
    lambda y, p: resampled.brier(y, _probability(p)), "probability", greater_is_better=False,
)  # fmt: skip
LOG_LOSS = Metric(
    "log_loss", "log loss (lower is better)",
    lambda y, p: float(sk.log_loss(y, _probability(p), labels=_codes(p))),
    lambda y, p: resampled.log_loss(y, _probability(p)), "probability", greater_is_better=False,
)  # fmt: skip

REGISTRY: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "accuracy", "accuracy",
            lambda y, p: float(sk.accuracy_score(y, p.predicted)),
            lambda y, p: resampled.accuracy(y, p.predicted),
        ),
        Metric(
            "balanced_accuracy", "balanced accuracy",
            lambda y, p: float(sk.balanced_accuracy_score(y, p.predicted)),
            lambda y, p: resampled.balanced_accuracy(y, p.predicted),
        ),
        Metric(
            "mcc", "MCC",
            lambda y, p: float(sk.matthews_corrcoef(y, p.predicted)),
            lambda y, p: resampled.matthews(y, p.predicted),
        ),
        Metric(
            "roc_auc", "ROC AUC",
            lambda y, p: float(sk.roc_auc_score(_one_hot(y, p.ranking), p.ranking)),
            lambda y, p: resampled.roc_auc(y, p.ranking), "ranking",
        ),
        Metric(
            "average_precision", "average precision",
            lambda y, p: float(sk.average_precision_score(_one_hot(y, p.ranking), p.ranking)),
            lambda y, p: resampled.average_precision(y, p.ranking), "ranking",
        ),
        BRIER,
        LOG_LOSS,
        Metric(
            "ece", "expected calibration error (lower is better)",
            lambda y, p: float(expected_calibration_error(y, _of_two(p), strategy=binning(y))),
            needs="probability", greater_is_better=False, computed="held out",
        ),
        _counted("f1", "F1", resampled.f1),
        _counted("f1_macro", "F1, mean of the classes", partial(resampled.f1, macro=True)),
        _counted("precision", "precision", resampled.precision),
        _counted("precision_macro", "precision, mean of the classes", partial(resampled.precision, macro=True)),
        _counted("recall", "recall", resampled.recall),
        _counted("recall_macro", "recall, mean of the classes", partial(resampled.recall, macro=True)),
        _negative("neg_brier_score", "negative Brier score", BRIER),
        _negative("neg_log_loss", "negative log loss", LOG_LOSS),
        *scorers.of_sklearn(),
    )
}  # fmt: skip


def add(name: str, function: Callable[..., float]) -> None:
    """Register the user's own function or scorer as a metric in this process (see ``scorers.metric``)."""
    REGISTRY[name] = scorers.metric(name, function)


def scores(
    y: Labels, prediction: Prediction, also: str | Metric = "", held_out: bool = False
) -> dict[str, float]:
    """Every metric that is always computed, and ``also``, as far as the prediction has the part that they need.

    Balanced accuracy: mean recall over the classes, 0.5 for a constant answer to two (Brodersen et al. 2010,
    doi:10.1109/ICPR.2010.764). MCC: Matthews 1975, doi:10.1016/0005-2795(75)90109-9. ROC AUC: the chance that
    a gene of class 1 ranks above one of class 0 (Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747).
    Average precision: step-wise area under precision-recall; its chance level is the share of class 1 (Davis &
    Goadrich 2006, doi:10.1145/1143844.1143874). For more than two classes: one against the rest, unweighted mean.
    Precision, recall and F1 are those of class 1, or, for more than two classes, the unweighted mean.

    Brier score: mean squared error of the probability, of class 1 for two classes and summed over all for more
    (Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2). Log loss in nats.

    Parameters
    ----------
    y : shape (genes,), int class codes, every class present
    also : the metric that the search maximises, or its name; a worker does not know the user's own by name
    held_out : whether these are held-out genes, for which further metrics are computed
    """
    moments = {"always", "held out"} if held_out else {"always"}
    searched = also if isinstance(also, Metric) else REGISTRY.get(also)
    computed = [metric for metric in REGISTRY.values() if metric.computed in moments]
    return {
        metric.name: metric.score(y, prediction)
        for metric in (*computed, *([searched] if searched and searched not in computed else []))
        if metric.needs != "probability" or prediction.probability is not None
    }


def scorer(scoring: str) -> Callable[[Labels, Prediction], dict[str, float]]:
    """``scores``, with ``scoring`` among them."""
    is_own = scorers.is_own(REGISTRY[scoring]) if scoring in REGISTRY else False
    return partial(scores, also=REGISTRY[scoring] if is_own else scoring)


def check(scoring: str, probabilities: bool = True, key: str = "search.scoring") -> None:
    """Raise BadInput where a search cannot maximise ``scoring``, for a model with or without ``probabilities``; ``key``
    is its setting."""
    metric = REGISTRY.get(scoring)
    available = [name for name, entry in REGISTRY.items() if entry.greater_is_better]
    if metric is None:
        raise BadInput(
            f"{key}={scoring}: no such metric{nearest(scoring, available)} (there are {', '.join(available)}; one of "
            "your own is PACKAGE.FUNCTION with search.trusted=[PACKAGE])"
        )
    if not metric.greater_is_better:
        instead = [name for name in available if name in (f"neg_{scoring}", f"neg_{scoring}_score")]
        use = f"use {instead[0]}" if instead else f"use one of {', '.join(available)}"
        raise BadInput(f"{key}={scoring}: less is better, and a search maximises; {use}")
    if metric.needs == "probability" and not probabilities:
        raise BadInput(
            f"{key}={scoring}: needs probabilities, which this model does not give; use another metric"
        )


def title(name: str) -> str:
    """A metric's name in a sentence."""
    return REGISTRY[name].title if name in REGISTRY else name.replace("_", " ")


def compared(names: Iterable[str]) -> list[str]:
    """The metrics that can be compared between models: every model has them, and more is better."""
    return [name for name in names if name in REGISTRY and REGISTRY[name].of_answers]
