"""A differential expression table in canonical columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from dge_experiments.tables import fingerprint

CANONICAL = ("logFC", "AveExpr", "t", "F", "LR", "stat", "P.Value", "adj.P.Val", "B", "SE")
ROLES = ("id", "effect", "mean", "statistic", "p", "adjusted_p", "se", "log_odds", "group")
Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing about a table that its user should know.

    Attributes
    ----------
    code : stable identifier, e.g. ``blank_ids``
    severity : ``info``, ``warning`` or ``error``
    message : one sentence with the figures in it
    count : number of rows it concerns
    rows : examples, as 1-based line numbers of the file (the header is line 1; blank lines within the body
        are not counted); of a Parquet file, 1-based row numbers
    """

    code: str
    severity: Severity
    message: str
    count: int = 0
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of differential gene expression results; rows are genes, in file order.

    Attributes
    ----------
    frame : shape (genes, 1 + statistics); column ``gene`` (str, missing ids as ""), ``group`` (str) if the
        table is long, then those of ``CANONICAL`` that the file has, float64 and finite: limma's ``logFC``
        (log2 units), ``AveExpr`` (log2), ``t`` (any signed statistic: t, z, Wald), ``P.Value``, ``adj.P.Val``,
        ``B`` (log-odds); also ``SE`` (of logFC, log2 units) and the unsigned statistics ``F``, ``LR`` (likelihood ratio
        or chi-squared) and ``stat`` (any other).
    name : short name, used for the MLflow experiment
    path : the file it was read from
    digest : 16 hex digits for the content of ``frame``, its rows and their order: equal digests, equal content
    dialect : which tool's column names were recognised
    columns : canonical name -> header in the file
    findings : what its user should know, most severe first
    roles : each of ``ROLES`` -> header in the file, or None
    rows : rows of the file (of the group, where one was chosen), before any were dropped for missing values
    format : ``csv``, ``tsv``, ``text``, ``xlsx``, ``xlsb``, ``xls``, ``ods`` or ``parquet``, with ``.gz`` or ``.bz2``
        if compressed
    delimiter : ``comma``, ``tab``, ``semicolon``, ``pipe``, ``space``, ``whitespace`` (runs of it) or None
    encoding : Python's name of the text encoding, or None
    sheet : the sheet of the workbook, or None
    effect_scale : of the effect in the file: ``log2``, ``ln``, ``log10``, ``linear``, or None without effect
    statistic_signed : whether the statistic has a direction; None without a statistic
    why : why this dialect, in one line
    derived : canonical name -> formula, for the columns that were converted
    groups : the levels of the group column, in order of appearance
    labels : headers of the other columns with 2 to 50 values, candidates for ``target=column``
    unread : headers of all columns without a role
    ignored : codes of findings that are not reported
    numeric : the unread headers whose columns hold numbers, candidates for ``features.extra``
    extra : the columns of ``Reading.keep``, as text, under their own headers; rows as in ``frame``
    own : numeric columns of ``frame`` that are no statistics, under their own headers; not part of the digest
    """

    frame: pd.DataFrame
    name: str
    path: str
    digest: str
    dialect: str
    columns: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    roles: Mapping[str, str | None] = field(default_factory=dict)
    rows: int = 0
    format: str = "csv"
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    effect_scale: str | None = None
    statistic_signed: bool | None = None
    why: str = ""
    derived: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    extra: pd.DataFrame = field(default_factory=pd.DataFrame)
    own: tuple[str, ...] = ()

    @property
    def statistics(self) -> list[str]:
        """Canonical numeric columns that the table has."""
        return [column for column in self.frame.columns if column in CANONICAL]

    @property
    def features(self) -> list[str]:
        """What a model can be trained on: the statistics, then ``own``."""
        return [*self.statistics, *self.own]

    def subset(self, rows: "np.ndarray[Any, np.dtype[np.bool_]]") -> "Table":
        """The table of the rows where ``rows`` is true, with its own digest."""
        frame = self.frame[rows].reset_index(drop=True)
        extra = self.extra[rows].reset_index(drop=True) if len(self.extra.columns) else self.extra
        digest = fingerprint.content_digest(frame.drop(columns=list(self.own)))
        return replace(self, frame=frame, extra=extra, digest=digest)

    @property
    def counted(self) -> str:
        """Its size in words: ``12,625 genes``, or ``1,000 rows of 250 genes`` where ids repeat."""
        rows, genes = len(self.frame), self.genes
        return f"{rows:,} genes" if rows == genes else f"{rows:,} rows of {genes:,} genes"

    @property
    def file_sha256(self) -> str | None:
        """SHA-256 of the file's bytes, as ``sha256sum`` gives it; None where the file no longer exists."""
        file = Path(self.path)
        return fingerprint.file_sha256(file) if file.is_file() else None

    @property
    def genes(self) -> int:
        """Number of genes: distinct ids; each row without an id counts as one gene."""
        ids = self.frame["gene"]
        return int(ids[ids != ""].nunique() + (ids == "").sum())
