"""The answer of a target: a class for each gene, and the rule that gave it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    y : shape (genes,), int class codes; -1 for a gene that the rule cannot label
    classes : names of the classes by code
    defined_by : columns that the rule reads
    rule : the rule in the field's terms
    note : what a reader must also know, such as how many genes could not be labelled; or ""
    replication : for the target ``replication``: which genes agree in which studies, and how many would by luck; rows
        as in the whole table
    """

    y: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    defined_by: tuple[str, ...]
    rule: str
    note: str = ""
    replication: Replication | None = None


Rule = Callable[[Table], Labels]


def of_names(names: "pd.Series[Any]", positive: str | None, defined_by: tuple[str, ...], rule: str) -> Labels:
    """Labels from the name of each gene's class, shape (genes,), blank where it has none. Classes are in alphabetical
    order, or in the order of the categories, with ``positive`` last.

    Raises
    ------
    BadInput
        no gene is of the class ``positive``, or there are more than two
    """
    ordered = (
        [str(name) for name in names.cat.categories] if isinstance(names.dtype, pd.CategoricalDtype) else []
    )
    text = names.astype(object).where(names.notna(), "").astype(str).str.strip()
    has_label = (text != "").to_numpy()
    present = set(text[has_label])
    classes = [name for name in ordered if name in present] or sorted(present)
    if positive is not None:
        if positive not in classes:
            raise BadInput(f"target.positive={positive}: {rule} has {', '.join(map(repr, classes))}")
        if len(classes) > 2:
            raise BadInput(f"target.positive={positive}: is of two classes, and {rule} has {len(classes)}")
        classes = [name for name in classes if name != positive] + [positive]
    y = np.full(len(text), UNLABELLED, dtype=np.int64)
    y[has_label] = pd.Categorical(text[has_label], categories=classes).codes
    blank = int((~has_label).sum())
    return Labels(y, tuple(classes), defined_by, rule, f"{blank:,} genes have no label" if blank else "")


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
