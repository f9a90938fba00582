"""Held-out rows that repeat a training row: the same gene, or the same values."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dge_experiments.problem.leak.score import Codes

A_LEAK = 0.1


@dataclass(frozen=True)
class Shared:
    """Attributes
    ----------
    held_out : rows of the held-out part
    same_gene, same_values : of these, rows whose gene, or all of whose features, are in the training part too
    rows : rows of either kind
    looked_up : share of labels that are correct when copied from the training row, mean over the classes
    """

    held_out: int
    same_gene: int
    same_values: int
    rows: int
    looked_up: float

    @property
    def leaks(self) -> bool:
        """Whether copying labels from training rows is correct for a tenth of the held-out labels or more."""
        return self.looked_up >= A_LEAK

    @property
    def count(self) -> str:
        """Repeated rows of all held-out rows, such as ``44 of 80``."""
        return f"{self.rows} of {self.held_out}"

    @property
    def sentence(self) -> str:
        """The finding in one sentence, or ""."""
        if not self.rows:
            return ""
        kinds = {"with the same gene": self.same_gene, "with the same values": self.same_values}
        counts = " and ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
        worth = (
            "the score measures memory: keep them on one side with split=grouped"
            if self.leaks
            else "too few to carry the score"
        )
        return (
            f"{self.rows:,} of {self.held_out:,} held-out rows repeat a training row ({counts}), which answers "
            f"{self.looked_up:.0%} of the held-out label: {worth}."
        )


def shared_rows(
    X: pd.DataFrame, genes: pd.Series, y: Codes, train: NDArray[np.integer], test: NDArray[np.integer]
) -> Shared:
    """Count the held-out rows that the training part repeats.

    Parameters
    ----------
    X : rows are genes; the features that are trained on
    genes : name of each row; rows without one ("") share no gene
    y : shape (genes,), class codes from 0
    train, test : row positions

    References
    ----------
    Kapoor and Narayanan 2023, Leakage and the reproducibility crisis in machine-learning-based science,
    doi:10.1016/j.patter.2023.100804 (duplicates in datasets; dependence between training and test set)
    """
    names = genes.reset_index(drop=True)
    values = pd.util.hash_pandas_object(X, index=False).reset_index(drop=True)
    by_gene = _looked_up(names.where(names != ""), y, train, test)
    by_values = _looked_up(values, y, train, test)
    answer = np.where(by_values >= 0, by_values, by_gene)
    codes, size = y[test], np.bincount(y[test])
    right = np.bincount(codes[answer == codes], minlength=len(size))
    return Shared(
        held_out=len(test),
        same_gene=int(np.sum(by_gene >= 0)),
        same_values=int(np.sum(by_values >= 0)),
        rows=int(np.sum(answer >= 0)),
        looked_up=float(np.mean(right[size > 0] / size[size > 0])),
    )


def _looked_up(keys: pd.Series, y: Codes, train: NDArray[np.integer], test: NDArray[np.integer]) -> Codes:
    """Label of the first training row with the key of each held-out row; -1 where there is none."""
    label_of = pd.Series(y[train], index=keys.iloc[train].to_numpy())
    label_of = label_of[label_of.index.notna() & ~label_of.index.duplicated()]
    return keys.iloc[test].map(label_of).fillna(-1).to_numpy(np.int64)
