"""One answer per gene: which row of a table counts where a gene has several."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables import Table

NEEDED = ("logFC", "P.Value")


def answers(table: Table) -> pd.DataFrame:
    """One row per gene id of ``table``, indexed by it, with the columns of its frame; blank ids are left out.

    Of several rows with one id, the one with the highest AveExpr answers. A choice by P.Value would favour
    small P by chance: the smallest of three is below 0.05 in 14 % of unrelated genes. Without AveExpr, the
    row with the smallest P.Value answers, but with Simes' P of all rows, which keeps the chance at 5 %.

    Raises
    ------
    BadInput
        the table has no logFC or no P.Value

    References
    ----------
    Simes 1986, doi:10.1093/biomet/73.3.751
    """
    for column in NEEDED:
        need(table, column)
    named = table.frame[table.frame["gene"] != ""]
    if not named["gene"].duplicated().any():
        return named.set_index("gene")
    if "AveExpr" in named:
        highest = named.sort_values("AveExpr", ascending=False, kind="stable")
        return highest.drop_duplicates("gene").set_index("gene")
    ordered = named.sort_values("P.Value", kind="stable")
    first = ordered.drop_duplicates("gene").set_index("gene")
    combined = {name: _simes(ordered, name) for name in ("P.Value", "adj.P.Val") if name in ordered}
    return first.assign(**combined)


def need(table: Table, column: str) -> None:
    """Raise BadInput where the table does not have the column."""
    if column not in table.frame:
        have = ", ".join(table.features)
        raise BadInput(f"{table.path}: replication needs the column {column} (it has {have})")


def rule(table: Table) -> str:
    """Which of several rows answers for a gene, as a clause."""
    return "the row of the highest AveExpr" if "AveExpr" in table.frame else "Simes' P of its rows"


def _simes(ordered: pd.DataFrame, column: str) -> pd.Series:
    """Simes' combination of each gene's values, in ``[0, 1]``; rows are sorted by them."""
    by_gene = ordered.groupby("gene", sort=False)[column]
    rank = by_gene.rank(method="first")
    size = by_gene.transform("size")
    return (ordered[column] * size / rank).groupby(ordered["gene"]).min().clip(upper=1)


def replicated(
    effect: npt.ArrayLike, second_effect: npt.ArrayLike, significant: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Whether each gene has the same sign of its effect in both tables, and is significant in the second."""
    first, second = np.sign(np.asarray(effect)), np.sign(np.asarray(second_effect))
    replicates: npt.NDArray[np.bool_] = (
        (first == second) & (second != 0) & np.asarray(significant, dtype=np.bool_)
    )
    return replicates
