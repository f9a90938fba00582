"""Targets: the question asked of each gene, as a rule on the table's columns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dge_experiments.errors import BadInput
from dge_experiments.tables import Table


@dataclass(frozen=True)
class Labels:
    """Attributes
    ----------
    y : shape (genes,), int class codes
    classes : what the codes mean; code 0 first
    defined_by : columns that the rule reads
    rule : the rule in the field's terms
    """

    y: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    defined_by: tuple[str, ...]
    rule: str


def direction(table: Table) -> Labels:
    """Is the gene up? ``logFC > 0`` is 1 (up), anything else 0 (down)."""
    if "logFC" not in table.frame:
        raise BadInput(f"{table.path}: target=direction needs the column logFC")
    return Labels(
        y=(table.frame["logFC"] > 0).to_numpy().astype(np.int64),
        classes=("down", "up"),
        defined_by=("logFC",),
        rule="logFC > 0",
    )


TARGETS: dict[str, Callable[[Table], Labels]] = {"direction": direction}


def labels(name: str, table: Table) -> Labels:
    """Label every gene of ``table`` for the target ``name``.

    Raises
    ------
    BadInput
        no such target, a column that its rule reads is not there, fewer than 2 classes
    """
    if name not in TARGETS:
        raise BadInput(f"target.name={name}: no such target (there are {', '.join(TARGETS)})")
    found = TARGETS[name](table)
    counts = np.bincount(found.y, minlength=len(found.classes))
    if np.count_nonzero(counts) < 2:
        only = found.classes[int(counts.argmax())]
        raise BadInput(
            f"{table.path}: target={name} ({found.rule}) puts all {len(found.y)} genes into one class, {only!r}; "
            "a classifier needs two: use the full, unfiltered table"
        )
    return found
