"""Gene ids: what is wrong with them, and a number for each."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dge_experiments.tables.canonical import Statistics
from dge_experiments.tables.table import Finding, Severity

NO_ID = ("", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "None", "none", "null", "NULL", "-", "--", "---")
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Mrz|Mai|Okt|Dez"
DATE = (
    rf"(?i)^(\d{{1,2}}[-/ ]({MONTHS})([-/ ]\d{{2,4}})?|({MONTHS})[-/]\d{{1,4}}"
    r"|\d{4}-\d{2}-\d{2}( 00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4})$"
)
BLOCK = 500_000
Hashes = npt.NDArray[np.uint64]


def hashes(ids: "pd.Series[Any]") -> Hashes:
    """A 64-bit number for each id, in blocks, so that millions of ids never stand as Python objects at once."""
    blocks = (ids.iloc[i : i + BLOCK].to_numpy(dtype=object) for i in range(0, len(ids), BLOCK))
    out = np.empty(len(ids), dtype=np.uint64)
    for start, block in zip(range(0, len(ids), BLOCK), blocks, strict=True):
        out[start : start + len(block)] = pd.util.hash_array(block, categorize=False)
    return out


def absent(ids: "pd.Series[Any]") -> npt.NDArray[np.bool_]:
    """Where an id is blank or a word for a missing value."""
    return np.asarray(pc.is_in(pc.utf8_trim_whitespace(_arrow(ids)), value_set=pa.array(NO_ID)))


def check(table: Statistics, numbers: Hashes | None) -> Iterator[Finding]:
    """Findings about the ids: blank, missing as text, duplicate, dates made by Excel, several in one cell."""
    n, ids = len(table), table.ids
    if ids is None or numbers is None:
        yield Finding("no_ids", "warning", "no column holds gene ids: rows cannot be joined with other tables", n)
        return
    column = _arrow(ids)
    none = absent(ids)

    def found(code: str, severity: Severity, mask: Any, text: str) -> Iterator[Finding]:
        where = np.flatnonzero(np.asarray(mask))
        if len(where):
            lines = tuple(int(table.lines[i]) for i in where[:5])
            yield Finding(code, severity, text.format(n=len(where), example=ids.iloc[where[0]]), len(where), lines)

    yield from found("blank_ids", "warning", none, "{n} rows have no gene id")
    if none.any():
        text = none & np.asarray(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
        yield from found("na_text_ids", "warning", text, "{n} of the missing ids are written as text, e.g. {example!r}")
    keys = numbers
    if table.groups is not None:
        codes = pd.factorize(table.groups)[0].astype(np.uint64)
        keys = numbers ^ ((codes + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    repeated = _repeated(keys)
    if repeated is not None:
        where = "in one group" if table.groups is not None else "of an earlier row"
        yield from found("duplicate_ids", "warning", repeated & ~none, "{n} rows repeat the id " + where + ", e.g. {example!r}")
    dates = pc.match_substring_regex(column, DATE)
    yield from found("excel_dates", "warning", dates, "{n} ids were turned into dates by Excel, e.g. {example!r}")
    several = pc.or_(pc.match_substring(column, "///"), pc.match_substring(column, ";"))
    yield from found("multiple_ids", "info", several, "{n} ids name several genes, e.g. {example!r}")
    padded = pc.not_equal(pc.utf8_trim_whitespace(column), column)
    yield from found("padded_ids", "info", padded, "{n} ids start or end with a space, e.g. {example!r}")


def _repeated(keys: Hashes) -> npt.NDArray[np.bool_] | None:
    """Which keys stood in an earlier row; None if there are none (found by one sort)."""
    ordered = np.sort(keys)
    if not (ordered[1:] == ordered[:-1]).any():
        return None
    return np.asarray(pd.Series(keys).duplicated())


def _arrow(ids: "pd.Series[Any]") -> Any:
    return pa.chunked_array(pa.array(ids, from_pandas=True)) if len(ids) else pa.chunked_array([[""]], pa.string())
