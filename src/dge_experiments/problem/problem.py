"""A table becomes a problem: features, labels, split."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.problem.split import Split
from dge_experiments.problem.targets import Labels
from dge_experiments.tables import Table


@dataclass(frozen=True)
class Problem:
    """Attributes
    ----------
    table : where the genes come from
    target, features : names of the configured target and feature set
    X : shape (genes, features), float64; rows are genes, in the table's order
    labels : class codes and what they mean
    split : positions of the rows that are trained on and held out
    """

    table: Table
    target: str
    features: str
    X: pd.DataFrame
    labels: Labels
    split: Split

    @property
    def name(self) -> str:
        """The question, ``<data>-<target>``: one MLflow experiment each."""
        return f"{self.table.name}-{self.target}"

    @property
    def leak(self) -> list[str]:
        """Features that the target's rule reads."""
        return [column for column in self.X.columns if column in self.labels.defined_by]

    @property
    def class_counts(self) -> dict[str, int]:
        """Genes of each class in the whole table."""
        counts = np.bincount(self.labels.y, minlength=len(self.labels.classes))
        return dict(zip(self.labels.classes, map(int, counts), strict=True))


def select(table: Table, columns: Sequence[str] | None) -> pd.DataFrame:
    """The features: the named columns, or all canonical statistics of the table.

    Raises
    ------
    BadInput
        a column that the table has not, or none at all
    """
    known = table.features
    wanted = known if columns is None else list(columns)
    if not wanted:
        raise BadInput("features.columns=[]: name at least one of " + ", ".join(known))
    for column in wanted:
        if column not in known:
            near = get_close_matches(column, known, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise BadInput(
                f"features.columns: {table.path} has no column {column!r}{hint} (it has {', '.join(known)})"
            )
    return table.frame[wanted]
