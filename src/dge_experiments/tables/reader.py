"""Reads a limma table from a CSV or TSV file."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables.table import CANONICAL, Finding, Table

GENE_HEADERS = ("ID", "gene", "Gene", "label", "SYMBOL", "symbol", "Gene.symbol", "")
REQUIRED = ("logFC", "P.Value")


def read(path: str | Path, name: str | None = None) -> Table:
    """Read a limma ``topTable`` written as CSV or TSV (plain or gzip).

    Parameters
    ----------
    path : the file; its columns may stand in any order
    name : short name of the table; default is the file's stem

    Raises
    ------
    BadInput
        no such file, empty, not a limma table, text in a numeric column
    """
    file = Path(path)
    raw = _text_frame(file)
    header = {"gene": next((h for h in GENE_HEADERS if h in raw.columns), None)}
    header |= {column: column for column in CANONICAL if column in raw.columns}
    findings = []
    if "t" not in header and _is_t(raw):
        header["t"] = "target"
        findings.append(
            Finding(
                "target_is_t",
                "warning",
                "column 'target' holds the t statistic (its sign is the sign of logFC in every row): read as t",
                len(raw),
            )
        )
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise BadInput(
            f"{file}: no column {', '.join(missing)} (found {', '.join(map(repr, raw.columns))}); "
            "a limma table has logFC, AveExpr, t, P.Value, adj.P.Val and B"
        )
    numeric = {c: _numbers(raw[header[c]], str(header[c]), file) for c in CANONICAL if c in header}
    gene = raw[header["gene"]] if header["gene"] is not None else pd.Series("", index=raw.index)
    frame = pd.DataFrame({"gene": gene.fillna("").astype(str), **numeric})
    blank = np.flatnonzero(frame["gene"] == "")
    if len(blank):
        findings.append(
            Finding("blank_ids", "warning", f"{len(blank)} genes have no id", len(blank), _lines(blank))
        )
    return Table(
        frame=frame,
        name=name or file.name.split(".")[0],
        path=str(file),
        digest=_digest(frame),
        dialect="limma",
        columns={k: v for k, v in header.items() if v is not None},
        findings=tuple(findings),
    )


def _text_frame(file: Path) -> pd.DataFrame:
    if not file.is_file():
        raise BadInput(f"{file}: no such file (looked in {Path.cwd()}); give one with data.path=FILE")
    try:
        first = pd.read_csv(file, sep="\x00", header=None, nrows=1, quoting=csv.QUOTE_NONE).iloc[0, 0]
        raw = pd.read_csv(file, sep="\t" if "\t" in str(first) else ",", dtype=str, na_values=["NA"])
    except pd.errors.EmptyDataError:
        raise BadInput(f"{file}: the file is empty; a DGE table has a header and one row per gene") from None
    except (pd.errors.ParserError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{file}: not a readable CSV or TSV table ({str(error).strip()})") from None
    raw = raw.rename(columns=lambda h: "" if str(h).startswith("Unnamed: 0") else str(h).strip())
    if raw.empty:
        raise BadInput(f"{file}: a header and no rows; a DGE table has one row per gene")
    return raw


def _is_t(raw: pd.DataFrame) -> bool:
    """Whether ``target`` has the sign of logFC in every row, as limma's t has."""
    if not {"target", "logFC"} <= set(raw.columns):
        return False
    target, effect = (pd.to_numeric(raw[c], errors="coerce") for c in ("target", "logFC"))
    return bool((np.sign(target) == np.sign(effect)).all() and target.nunique() > 2)


def _numbers(text: pd.Series, header: str, file: Path) -> pd.Series:
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        cell = text.iloc[bad[0]]
        what = "an empty cell" if pd.isna(cell) else repr(cell)
        raise BadInput(
            f"{file}: column {header!r}, line {bad[0] + 2}: {what} is not a finite number "
            f"({len(bad)} such rows); correct or remove them"
        )
    return values


def _lines(positions: np.ndarray) -> tuple[int, ...]:
    return tuple(int(p) + 2 for p in positions[:5])


def _digest(frame: pd.DataFrame) -> str:
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(",".join(frame.columns).encode() + rows.tobytes()).hexdigest()[:16]
