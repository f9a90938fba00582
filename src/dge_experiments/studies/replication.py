"""Which genes of a table hold up in other studies, and how many would by luck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.studies.answers import answers, need
from dge_experiments.studies.luck import Luck, luck
from dge_experiments.studies.rvalue import one_sided, symmetric
from dge_experiments.tables import Table


@dataclass(frozen=True)
class Replication:
    """Attributes
    ----------
    genes : rows are those of the first table: `gene`, `studies` that have it, `agreeing` ones, and for each other
        study its `logFC`, `P.Value` and `r_value` (see ``rvalue.symmetric``), with the study's name behind it
        (``logFC B``); nan where it has no such gene
    known : shape (genes,), whether enough studies have the gene to tell
    holds : shape (genes,), whether enough of them agree; False where not known
    hit : shape (genes,), whether P.Value is below alpha in the first table
    luck : of all known genes
    hits : of the hits among them, with P.Value below alpha in the first table; None where there are none
    threshold : what significant means, such as ``P.Value < 0.05``
    rule : how many studies must agree, such as ``at least 2 of 3 studies``
    """

    genes: pd.DataFrame
    known: npt.NDArray[np.bool_]
    holds: npt.NDArray[np.bool_]
    hit: npt.NDArray[np.bool_]
    luck: Luck
    hits: Luck | None
    threshold: str
    rule: str

    @property
    def beyond_luck(self) -> bool:
        """Whether more of the hits, or of all genes where there are none, hold up than luck explains."""
        return (self.hits or self.luck).beyond

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdict first: of the hits, then of all genes."""
        every = f"Of all genes: {self.luck.shares}."
        if self.hits is None:
            return (self.luck.sentence,)
        return f"Of the first table's hits: {_lower(self.hits.sentence)}", every


def replicate(
    table: Table,
    others: Sequence[Table],
    *,
    alpha: float = 0.05,
    fdr: float | None = None,
    agreement: int | None = None,
) -> Replication:
    """Ask each of ``others`` whether the genes of ``table`` hold up there; joined on ``gene``.

    A gene holds up in a study where its logFC has the same sign and its P.Value is below ``alpha`` (its adj.P.Val
    below ``fdr``, where that is given). Of several rows with one id there, one answers (see ``answers``).

    Parameters
    ----------
    agreement : how many studies must agree; a gene that fewer have is not known. By default more than half of the
        studies that have the gene.

    Raises
    ------
    BadInput
        a column is missing, no gene is shared, or ``agreement`` is more than the studies there are
    """
    column, limit, key = ("P.Value", alpha, "alpha") if fdr is None else ("adj.P.Val", fdr, "fdr")
    if not 0 < limit < 1:
        raise BadInput(f"target.{key}={limit}: must lie between 0 and 1, such as 0.05")
    if agreement is not None and not 1 <= agreement <= len(others):
        raise BadInput(
            f"target.agreement={agreement}: must be from 1 to the number of studies, here {len(others)}"
        )
    need(table, "logFC")
    matched = [_matched(table, other, column) for other in others]
    effect = np.sign(table.frame["logFC"].to_numpy()).astype(np.int8)
    present = np.column_stack([frame["logFC"].notna() for frame in matched])
    moved = [np.sign(frame["logFC"].fillna(0)) * (frame[column] < limit) for frame in matched]
    signs = np.column_stack(moved).astype(np.int8)
    studies = present.sum(axis=1)
    agreeing = ((signs == effect[:, None]) & (signs != 0)).sum(axis=1)
    needed = studies // 2 + 1 if agreement is None else np.full(len(studies), agreement)
    known = (studies > 0) & (studies >= needed)
    if not known.any():
        raise BadInput(
            f"target.agreement={agreement}: no gene of {table.path} is in that many of the studies"
        )
    hit = (
        (table.frame["P.Value"] < alpha).to_numpy()
        if "P.Value" in table.frame
        else np.zeros(len(known), bool)
    )
    among = effect[known], signs[known], present[known], needed[known]
    return Replication(
        _genes(table, others, matched, studies, agreeing),
        known,
        known & (agreeing >= needed),
        hit,
        luck(*among),
        luck(*among, counted=hit[known]) if hit[known].any() else None,
        f"{column} < {limit:g}",
        _rule(others, agreement),
    )


def _matched(table: Table, other: Table, column: str) -> pd.DataFrame:
    """The answer of ``other`` for each row of ``table``; nan where it has no such gene."""
    need(other, column)
    frame = answers(other).reindex(table.frame["gene"])
    if not frame["logFC"].notna().any():
        raise BadInput(
            f"target.path={other.path}: none of its gene ids ({_examples(other)}) is in {table.path} "
            f"({_examples(table)}); both tables need the same kind of id (data.columns.id=NAME)"
        )
    return frame.reset_index()


def _genes(
    table: Table,
    others: Sequence[Table],
    matched: Sequence[pd.DataFrame],
    studies: npt.NDArray[np.int64],
    agreeing: npt.NDArray[np.int64],
) -> pd.DataFrame:
    """One row per row of ``table``: its gene, how many studies have it and agree, and each study's statistics."""
    columns: dict[str, npt.ArrayLike | pd.Series] = {
        "gene": table.frame["gene"].to_numpy(), "studies": studies, "agreeing": agreeing,
    }  # fmt: skip
    for other, frame in zip(others, matched, strict=True):
        columns |= {f"{name} {other.name}": frame[name] for name in ("logFC", "P.Value")}
        if "P.Value" in table.frame:
            present = frame["logFC"].notna().to_numpy()
            first, second = table.frame[present], frame[present]
            r_values = np.full(len(frame), np.nan)
            r_values[present] = symmetric(
                one_sided(first["P.Value"], first["logFC"]), one_sided(second["P.Value"], second["logFC"])
            ).r_values
            columns[f"r_value {other.name}"] = r_values
    return pd.DataFrame(columns)


def _rule(others: Sequence[Table], agreement: int | None) -> str:
    if len(others) == 1:
        return others[0].name
    needed = "more than half of those that have the gene" if agreement is None else f"at least {agreement}"
    return f"{needed} of {len(others)} studies ({', '.join(other.name for other in others)})"


def _examples(table: Table) -> str:
    return ", ".join(pd.Series(table.frame["gene"]).head(3)) or "no ids"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
