"""A differential expression table in canonical columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

CANONICAL = ("logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B")


@dataclass(frozen=True)
class Finding:
    """One thing about a table that its user should know.

    Attributes
    ----------
    code : stable identifier, e.g. ``blank_ids``
    severity : ``info``, ``warning`` or ``error``
    message : one sentence with the figures in it
    count : number of rows it concerns
    rows : examples, as 1-based line numbers of the file (the header is line 1)
    """

    code: str
    severity: Literal["info", "warning", "error"]
    message: str
    count: int = 0
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of differential gene expression results; rows are genes, in file order.

    Attributes
    ----------
    frame : shape (genes, 1 + statistics); column ``gene`` (str, blank ids as ""), then those of limma's
        ``logFC AveExpr t P.Value adj.P.Val B`` that the file has, float64. ``logFC`` is in log2 units.
    name : short name, used for the MLflow experiment
    path : the file it was read from
    digest : first 16 hex digits of the SHA-256 of the canonical frame
    dialect : which tool's column names were recognised
    columns : canonical name -> header in the file
    findings : what its user should know, most severe first
    """

    frame: pd.DataFrame
    name: str
    path: str
    digest: str
    dialect: str
    columns: Mapping[str, str]
    findings: tuple[Finding, ...] = ()

    @property
    def features(self) -> list[str]:
        """Canonical numeric columns that the table has."""
        return [column for column in self.frame.columns if column in CANONICAL]
