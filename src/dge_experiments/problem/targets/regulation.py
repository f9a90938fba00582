"""Up, not significant or down: which genes are called DEGs."""

from collections.abc import Sequence

import numpy as np

from dge_experiments.errors import BadInput
from dge_experiments.problem.labels import Labels, Rule, needed
from dge_experiments.settings.schema import Target
from dge_experiments.tables import Table


def make(target: Target, others: Sequence[Table]) -> Rule:
    """See `regulation`; it needs ``target.lfc`` (log2 units) and ``target.fdr``."""
    lfc, fdr = target.lfc, target.fdr
    if lfc is None or fdr is None:
        raise BadInput("target=regulation needs thresholds; add target.lfc=1 target.fdr=0.05")
    return lambda table: regulation(table, lfc, fdr)


def regulation(table: Table, lfc: float, fdr: float) -> Labels:
    """Up, not significant or down, by a threshold on the effect and one on the false discovery rate."""
    effect, q = (needed(table, c, "regulation") for c in ("logFC", "adj.P.Val"))
    called = (q < fdr) & (effect.abs() >= lfc)
    y = 1 + (called * np.sign(effect)).to_numpy().astype(np.int64)
    rule = f"|logFC| >= {lfc:g} and adj.P.Val < {fdr:g}, by the sign of logFC"
    return Labels(y, ("down", "ns", "up"), ("logFC", "adj.P.Val"), rule)
