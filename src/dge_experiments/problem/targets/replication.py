"""Does the gene hold up in independent tables?"""

from collections.abc import Sequence

import numpy as np

from dge_experiments.errors import BadInput
from dge_experiments.problem.labels import UNLABELLED, Labels, Rule
from dge_experiments.settings.schema import Target
from dge_experiments.studies.answers import rule
from dge_experiments.studies.replication import replicate
from dge_experiments.tables import Table

ALPHA = 0.05


def make(target: Target, others: Sequence[Table]) -> Rule:
    """See `replication`; it needs ``target.path`` or ``target.tables``."""
    if not others:
        raise BadInput("target.path: target=replication needs a second table; add target.path=FILE")
    level = ALPHA if target.alpha is None else target.alpha
    return lambda table: replication(table, others, level, target.fdr, target.agreement)


def replication(
    table: Table,
    others: Sequence[Table],
    alpha: float = 0.05,
    fdr: float | None = None,
    agreement: int | None = None,
) -> Labels:
    """Does the gene hold up in independent tables: same sign of logFC, and significant there?

    Genes that too few of the tables have are not labelled; see ``studies.replication.replicate``.
    """
    result = replicate(table, others, alpha=alpha, fdr=fdr, agreement=agreement)
    notes = [f"{int(result.known.sum()):,} of {len(result.known):,} genes are in {result.rule}"]
    for other in others:
        ids = other.frame["gene"][other.frame["gene"] != ""]
        if several := len(ids) - ids.nunique():
            notes.append(f"{several:,} rows of {other.name} repeat an id: {rule(other)} answers")
    return Labels(
        np.where(result.known, result.holds, UNLABELLED).astype(np.int64),
        ("not replicated", "replicated"),
        (),
        f"same sign of logFC and {result.threshold} in {result.rule}",
        "; ".join(notes),
        result,
    )
