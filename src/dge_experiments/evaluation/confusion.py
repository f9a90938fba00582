"""Precision, recall and the confusion matrix: the answers class by class."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

Labels = npt.NDArray[np.int64]


def per_class(y: Labels, predicted: Labels, classes: Sequence[str]) -> pd.DataFrame:
    """Rows are classes: class, precision, recall, f1, genes (how many are of the class), predicted (how many are
    predicted to be).

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
