"""Targets: the question asked of each gene, as a rule on the table's columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.studies.answers import rule
from dge_experiments.studies.replication import Replication, replicate
from dge_experiments.tables import Table

NAMES = ("direction", "regulation", "replication", "column")
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


def make(
    name: str,
    *,
    lfc: float | None = None,
    fdr: float | None = None,
    others: Sequence[Table] = (),
    alpha: float | None = None,
    agreement: int | None = None,
    column: str | None = None,
) -> Rule:
    """The rule of the target ``name``, to be applied to any table.

    Parameters
    ----------
    lfc, fdr : of ``regulation``: |logFC| at least (log2 units), adj.P.Val below
    others, alpha, fdr, agreement : of ``replication``: the independent tables, P.Value below, or adj.P.Val below, and
        how many of them must agree
    column : of ``column``: header of the label column

    Raises
    ------
    BadInput
        no such target, a threshold that cannot be
    """
    if name == "direction":
        return direction
    if name == "regulation":
        if lfc is None or lfc < 0:
            raise BadInput(f"target.lfc={lfc}: must be 0 or more, such as 1 (twofold)")
        if fdr is None or not 0 < fdr <= 1:
            raise BadInput(f"target.fdr={fdr}: must lie between 0 and 1, such as 0.05")
        return lambda table: regulation(table, lfc, fdr)
    if name == "replication":
        if not others:
            raise BadInput("target.path: target=replication needs a second table; add target.path=FILE")
        level = 0.05 if alpha is None else alpha
        return lambda table: replication(table, others, level, fdr, agreement)
    if name == "column":
        if not column:
            raise BadInput("target.column: target=column needs a header; add target.column=NAME")
        return lambda table: by_column(table, column)
    raise BadInput(f"target.name={name}: no such target (there are {', '.join(NAMES)})")


def direction(table: Table) -> Labels:
    """Is the gene up? ``logFC > 0`` is 1 (up), anything else 0 (down)."""
    up = (_column(table, "logFC", "direction") > 0).to_numpy()
    zero = int((table.frame["logFC"] == 0).sum())
    note = f"{zero} genes with logFC = 0 count as down" if zero else ""
    return Labels(up.astype(np.int64), ("down", "up"), ("logFC",), "logFC > 0", note)


def regulation(table: Table, lfc: float, fdr: float) -> Labels:
    """Up, not significant or down, by a threshold on the effect and one on the false discovery rate."""
    effect, q = (_column(table, c, "regulation") for c in ("logFC", "adj.P.Val"))
    called = (q < fdr) & (effect.abs() >= lfc)
    y = 1 + (called * np.sign(effect)).to_numpy().astype(np.int64)
    rule = f"|logFC| >= {lfc:g} and adj.P.Val < {fdr:g}, by the sign of logFC"
    return Labels(y, ("down", "ns", "up"), ("logFC", "adj.P.Val"), rule)


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
    found = replicate(table, others, alpha=alpha, fdr=fdr, agreement=agreement)
    notes = [f"{int(found.known.sum()):,} of {len(found.known):,} genes are in {found.rule}"]
    for other in others:
        ids = other.frame["gene"][other.frame["gene"] != ""]
        if several := len(ids) - ids.nunique():
            notes.append(f"{several:,} rows of {other.name} repeat an id: {rule(other)} answers")
    return Labels(
        np.where(found.known, found.holds, UNLABELLED).astype(np.int64),
        ("not replicated", "replicated"),
        (),
        f"same sign of logFC and {found.threshold} in {found.rule}",
        "; ".join(notes),
        found,
    )


def by_column(table: Table, column: str) -> Labels:
    """The classes that a column of the table names; blank cells are not labelled."""
    if column not in table.extra:
        raise BadInput(f"target.column={column}: {table.path} has no such column to label genes by")
    text = table.extra[column].fillna("").astype(str).str.strip()
    known = (text != "").to_numpy()
    codes, classes = pd.factorize(text[known], sort=True)
    y = np.full(len(text), UNLABELLED, dtype=np.int64)
    y[known] = codes
    blank = int((~known).sum())
    note = f"{blank:,} genes have no label" if blank else ""
    defined_by = tuple(c for c, header in table.columns.items() if header == column)
    return Labels(y, tuple(map(str, classes)), defined_by, f"the column {column!r}", note)


def _column(table: Table, column: str, target: str) -> pd.Series:
    if column not in table.frame:
        have = ", ".join(table.features)
        raise BadInput(f"{table.path}: target={target} needs the column {column} (it has {have})")
    return table.frame[column]
