"""Metrics of one prediction. Rows are genes; higher is better except where said."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    matthews_corrcoef,
    precision_recall_fscore_support,
    roc_auc_score,
)

from dge_experiments.errors import BadInput
from dge_experiments.search.prediction import Prediction

Labels = npt.NDArray[np.int64]

METRICS = ("accuracy", "balanced_accuracy", "mcc", "roc_auc", "average_precision")
PROBABILISTIC = ("brier", "log_loss")  # lower is better; only of a model that gives probabilities


def scores(y: Labels, prediction: Prediction) -> dict[str, float]:
    """All of ``METRICS``, and of ``PROBABILISTIC`` where there are probabilities.

    Balanced accuracy: mean recall over the classes, 0.5 for a constant answer to two (Brodersen et al. 2010,
    doi:10.1109/ICPR.2010.764). MCC: Matthews 1975, doi:10.1016/0005-2795(75)90109-9. ROC AUC: the chance that
    a gene of class 1 ranks above one of class 0 (Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747).
    Average precision: step-wise area under precision-recall; its chance level is the share of class 1 (Davis &
    Goadrich 2006, doi:10.1145/1143844.1143874). Of more than two classes: one against the rest, unweighted mean.

    Brier score: mean squared error of the probability, of class 1 for two classes and summed over all for more
    (Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2). Log loss in nats.

    Parameters
    ----------
    y : shape (genes,), int class codes, every class present
    """
    ranking, probability = prediction.ranking, prediction.probability
    values = {
        "accuracy": float(accuracy_score(y, prediction.predicted)),
        "balanced_accuracy": float(balanced_accuracy_score(y, prediction.predicted)),
        "mcc": float(matthews_corrcoef(y, prediction.predicted)),
        "roc_auc": float(roc_auc_score(_one_hot(y, ranking), ranking)),
        "average_precision": float(average_precision_score(_one_hot(y, ranking), ranking)),
    }
    if probability is not None:
        codes = range(probability.shape[1])
        values["brier"] = float(brier_score_loss(y, probability, labels=codes))
        values["log_loss"] = float(log_loss(y, probability, labels=codes))
    return values


def check(scoring: str) -> None:
    """Raise BadInput where ``scoring`` is none of ``METRICS``."""
    if scoring not in METRICS:
        raise BadInput(f"search.scoring={scoring}: no such metric (there are {', '.join(METRICS)})")


def per_class(y: Labels, predicted: Labels, classes: Sequence[str]) -> pd.DataFrame:
    """Rows are classes: class, precision, recall, f1, genes (how many truly are of it), predicted (how many said).

    Precision of a class that is never predicted is 0.
    """
    codes = range(len(classes))
    precision, recall, f1, genes = precision_recall_fscore_support(
        y, predicted, labels=codes, zero_division=0
    )
    return pd.DataFrame(
        {
            "class": list(classes),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "genes": genes,
            "predicted": np.bincount(predicted, minlength=len(classes)),
        }
    )


def confusion(y: Labels, predicted: Labels, classes: Sequence[str]) -> pd.DataFrame:
    """Counts of genes; rows are true classes, columns predicted ones."""
    counts = confusion_matrix(y, predicted, labels=range(len(classes)))
    return pd.DataFrame(counts, index=pd.Index(classes, name="true"), columns=list(classes))


def _one_hot(y: Labels, ranking: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return y if ranking.ndim == 1 else np.eye(ranking.shape[1], dtype=np.int64)[y]
