"""Checks of the gene ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dge_experiments.tables import fingerprint
from dge_experiments.tables.canonical import Statistics
from dge_experiments.tables.table import Finding, Severity

NO_ID = ("", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "None", "none", "null", "NULL", "-", "--", "---")
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mrz|Mär|Mai|Okt|Dez|Mars|Avr|Déc|Ene|Abr|Ago|Dic"
DATE = (
    rf"(?i)^(\d{{1,2}}(\. ?|[-/ ])({MONTHS})\.?([-/ ]\d{{2,4}})?|({MONTHS})[-/]\d{{1,4}}"
    r"|\d{4}-\d{2}-\d{2}( 00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4})$"
)
NUMBER = r"^\d(\.\d+)?E\+\d+$"  # 2310009E13 (RIKEN) opened in Excel
GARBLED = r"[\x{C2}-\x{F4}][\x{80}-\x{BF}]"
ODD_MARKS = (b"-", b"+", b" ", b";", b"/", b"\t", b"\r", b"\n")
ODD_BYTES = np.isin(np.arange(256), [*b"".join(ODD_MARKS), *range(128, 256)])
Rows = npt.NDArray[np.int64]


def absent(ids: "pd.Series[Any]", rows: Rows) -> Rows:
    """Positions, among the `suspects`, of the ids that are blank or a word for a missing value."""
    return rows[
        _where(
            pc.is_in(pc.utf8_trim_whitespace(_take(ids, rows)), value_set=pa.array(NO_ID, pa.large_string()))
        )
    ]


@dataclass(frozen=True)
class Identity:
    """The ids of the rows.

    Attributes
    ----------
    keys : a number for each id (and group), or None without ids
    repeated : which ids are also in an earlier row of their group; None if none are
    suspects : positions of the ids that are checked closely
    """

    keys: fingerprint.Hashes | None
    repeated: npt.NDArray[np.bool_] | None
    suspects: Rows


def identity(
    table: Statistics, keys: fingerprint.Hashes | None, repeated: npt.NDArray[np.bool_] | None
) -> Identity:
    """The identity of a table's rows; ``keys`` and ``repeated`` are those of the ids without groups."""
    if table.ids is None or keys is None:
        return Identity(None, None, np.empty(0, np.int64))
    if table.groups is not None:
        keys = fingerprint.grouped(keys, table.groups)
        repeated = fingerprint.repeated(keys)
    return Identity(keys, repeated, suspects(table.ids))


def check(table: Statistics, identity: Identity) -> Iterator[Finding]:
    """Findings about the ids: blank, missing as text, duplicate, dates made by Excel, several in one cell."""
    repeated, unusual = identity.repeated, identity.suspects
    ids = table.ids
    if ids is None:
        text = "no column holds gene ids: rows cannot be joined with other tables"
        yield Finding("no_ids", "warning", text, len(table))
        return

    def finding(code: str, severity: Severity, rows: Any, what: str) -> Iterator[Finding]:
        if len(rows):
            lines, example = tuple(int(table.lines[i]) for i in rows[:5]), ids.iloc[rows[0]]
            example_text = f", e.g. {example!r}" if example else ""
            text = f"{what} in {len(rows)} of {len(table)} rows{example_text}"
            yield Finding(code, severity, text, len(rows), lines)

    missing, texts = absent(ids, unusual), _take(ids, unusual)
    yield from finding("blank_ids", "warning", missing, "no gene id")
    named_missing = missing[_where(pc.not_equal(pc.utf8_trim_whitespace(_take(ids, missing)), ""))]
    yield from finding("na_text_ids", "warning", named_missing, "a missing id is written as text")
    if repeated is not None:
        text = "the id of an earlier row" + (" of their group" if table.groups is not None else "")
        yield from finding("duplicate_ids", "warning", np.setdiff1d(np.flatnonzero(repeated), missing), text)
    dates = unusual[_where(pc.match_substring_regex(texts, DATE))]
    yield from finding("excel_dates", "warning", dates, "Excel made a date of the id")
    numbers = unusual[_where(pc.match_substring_regex(texts, NUMBER))]
    yield from finding("excel_numbers", "warning", numbers, "Excel made a number of the id")
    several = unusual[_where(pc.match_substring_regex(texts, "///|;"))]
    yield from finding("multiple_ids", "info", several, "the id names several genes")
    padded = unusual[_where(pc.not_equal(pc.utf8_trim_whitespace(texts), texts))]
    yield from finding("padded_ids", "info", padded, "the id starts or ends with a space")
    garbled = unusual[_where(pc.match_substring_regex(texts, GARBLED))]
    yield from finding("garbled_ids", "warning", garbled, "the id is UTF-8 that was once read as Latin-1")


def suspects(ids: "pd.Series[Any]") -> Rows:
    """Positions of the ids that are short or hold a byte that plain ids do not have: only these are checked closely."""
    positions, first = [np.empty(0, np.int64)], 0
    for offsets, data in fingerprint.buffers(ids):
        rows = np.flatnonzero(offsets[1:] - offsets[:-1] <= 4)
        text = data.tobytes()
        if not text.isascii() or any(mark in text for mark in ODD_MARKS):
            odd = np.searchsorted(offsets, np.flatnonzero(ODD_BYTES[data]), side="right") - 1
            rows = np.union1d(odd, rows)
        positions.append(rows + first)
        first += len(offsets) - 1
    return np.concatenate(positions)


def _take(ids: "pd.Series[Any]", rows: Rows) -> pa.ChunkedArray:
    return fingerprint.arrow(ids.iloc[rows] if len(rows) else ids.iloc[:0])


def _where(mask: Any) -> Rows:
    return np.flatnonzero(np.asarray(mask))
