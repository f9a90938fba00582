"""The answer of a target: a class for each gene, and the rule that gave it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.studies.replication import Replication
from dge_experiments.tables import Table

UNLABELLED = -1


@dataclass(frozen=True)
class Labels:
    """Attributes
    ----------
    y : shape (genes,), int class codes; -1 for a gene that the rule cannot answer
    classes : what the codes mean; code 0 first
    defined_by : columns that the rule reads
    rule : the rule in the field's terms
    note : what else a reader must know, such as how many genes could not be labelled; or ""
    replication : of the target ``replication``: who agrees with whom, and how far by luck; rows as in the whole table
    """

    y: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    defined_by: tuple[str, ...]
    rule: str
    note: str = ""
    replication: Replication | None = None


Rule = Callable[[Table], Labels]


def needed(table: Table, column: str, target: str) -> pd.Series:
    """A column that a target reads.

    Raises
    ------
    BadInput
        the table lacks it
    """
    if column not in table.frame:
        have = ", ".join(table.features)
        raise BadInput(f"{table.path}: target={target} needs the column {column} (it has {have})")
    return table.frame[column]
