"""Is the gene up or down? The published question."""

from collections.abc import Sequence

import numpy as np

from dge_experiments.problem.labels import Labels, Rule, needed
from dge_experiments.settings.schema import Target
from dge_experiments.tables import Table


def make(target: Target, others: Sequence[Table]) -> Rule:
    """See `direction`; it needs no setting."""
    return direction


def direction(table: Table) -> Labels:
    """Is the gene up? ``logFC > 0`` is 1 (up), anything else 0 (down)."""
    up = (needed(table, "logFC", "direction") > 0).to_numpy()
    zero = int((table.frame["logFC"] == 0).sum())
    note = f"{zero} genes with logFC = 0 count as down" if zero else ""
    return Labels(up.astype(np.int64), ("down", "up"), ("logFC",), "logFC > 0", note)
