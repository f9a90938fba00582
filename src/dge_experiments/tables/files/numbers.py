"""Numbers written as text: missing values, decimal marks, percent, powers of ten, bounds, and other text."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

MISSING = (
    "", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "-nan", "NULL", "null", "None", "none", "n/a", "na",
    "n.a.",
    "-", "--", ".", "#DIV/0!", "#NUM!", "#VALUE!", "#REF!", "#NAME?", "NaT", "nd", "ND", "NOTEST",
)  # fmt: skip
PLAIN_MISSING = ("", "NA")
COMMA = re.compile(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*")
POINT = re.compile(r"\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*")
GROUPED = {  # decimal mark -> a number in groups of three digits
    ".": re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?"),
    ",": re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d*)?"),
}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺−–\u00a0\u202f", "0123456789-+--  ")
POWER = re.compile(r"(?:([-+]?\d*\.?\d+)\s*[x×*·∙⋅]\s*10\s*\^?|([-+]?)10\s*\^)\s*\(?([-+]?\d+)\)?", re.I)
SPACED = re.compile(r"([-+]?\d*\.?\d+)\s*e\s*([-+]?)\s*(\d+)", re.I)
BOUND = re.compile(r"(?:p|q|fdr)?\s*(?:[<>≤≥]=?|=)\s*(.+)", re.I)
MARKED = re.compile(r"(.*?\d[%)]?)\s*(?:[*†‡§#^]+|\(?n\.?s\.?\)?|\(\*+\))", re.I)  # 0.003**, 0.2 ns
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """The numbers of a column of text.

    Attributes
    ----------
    values : float64; NaN where a cell is missing or no number
    bad : where a cell is neither missing nor a number
    notations : how many cells are written as ``percent``, ``power``, ``bound`` or ``marked`` (significance stars)
    """

    values: Floats
    bad: npt.NDArray[np.bool_]
    notations: Mapping[str, int] = field(default_factory=dict)


def decimal(cells: Iterable[str]) -> str:
    """``,`` if more cells are numbers with a decimal comma than with a decimal point, else ``.``."""
    comma = point = 0
    for cell in cells:
        comma += COMMA.fullmatch(cell) is not None
        point += POINT.fullmatch(cell) is not None
    return "," if comma > point else "."


def parse(text: "pd.Series[Any]", mark: str = ".", probability: bool = False) -> Numbers:
    """Numbers of text cells.

    1,234.5 and 1.234,5 are numbers where the column's marks can only separate thousands; ``3.1 × 10⁻⁵`` and
    ``0.003**`` (stars of significance) always are.

    Parameters
    ----------
    text : cells, as str
    mark : the decimal mark
    probability : 0.15% (0.0015) and <0.001 (the bound, 0.001) are numbers, too
    """
    if mark == ".":
        with suppress(pa.ArrowInvalid):
            plain = pa.array(text, pa.large_string(), from_pandas=True).cast(pa.float64()).to_numpy(False)
            if not np.isnan(plain).any():
                return Numbers(plain, np.zeros(len(plain), bool))
    cells = text.astype(object).where(text.notna(), "").astype(str).str.strip()
    missing = cells.isin(MISSING).to_numpy(dtype=bool)
    values, bad = _plain(cells, missing, mark)
    if not bad.any():
        return Numbers(values, bad)
    for point in (mark, *(m for m in GROUPED if m != mark)):
        if _grouped(cells[bad], point):
            ungrouped = cells.str.replace(".,".replace(point, ""), "", regex=False)
            values, bad = _plain(ungrouped, missing, point)
            return Numbers(values, bad)
    if mark == "." and _decimal_commas(cells[~missing]):
        mark = ","
        values, bad = _plain(cells, missing, mark)
    counted: Counter[str] = Counter()
    where, readings = np.flatnonzero(bad), dict[str, tuple[float, set[str]]]()
    for i, cell in zip(where, cells[bad], strict=True):
        if cell not in readings:
            readings[cell] = _unusual(cell, mark, probability)
        value, notations = readings[cell]
        if not np.isnan(value):
            values[i], bad[i] = value, False
            counted.update(notations)
    return Numbers(values, bad, counted)


def _plain(
    cells: "pd.Series[Any]", missing: npt.NDArray[np.bool_], mark: str
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Values, and where cells are no plain numbers."""
    cells = cells.str.replace("\u2212", "-", regex=False)
    if mark == ",":
        cells = cells.str.replace(",", ".", regex=False)
    values = pd.to_numeric(cells.where(~missing, "nan"), errors="coerce").to_numpy(dtype="float64", copy=True)
    return values, np.isnan(values) & ~missing


def _grouped(cells: "pd.Series[Any]", mark: str) -> bool:
    """Whether the other mark can only separate thousands: every cell is grouped, and one has both marks or it twice."""
    other = ".,".replace(mark, "")
    grouped = cells.map(lambda cell: GROUPED[mark].fullmatch(cell) is not None)
    return bool(grouped.all()) and any(mark in cell or cell.count(other) > 1 for cell in cells)


def _decimal_commas(cells: "pd.Series[Any]") -> bool:
    """Whether a column has decimal commas though the file has points: no cell has a point, and the commas cannot
    all separate thousands."""
    commas = [cell for cell in cells if COMMA.fullmatch(cell)]
    if not commas or any("." in cell for cell in cells):
        return False
    return not all(GROUPED["."].fullmatch(cell) and not cell.startswith("0") for cell in commas)


def _unusual(cell: str, mark: str, probability: bool) -> tuple[float, set[str]]:
    """The number of a cell in an unusual notation, and the notations; NaN if it is no number."""
    text, notations = cell.translate(SUPERSCRIPTS).strip(), set()
    text = text.replace(mark, ".") if mark != "." else text
    scale = 1.0
    if probability and (bound := BOUND.fullmatch(text)):
        text = bound.group(1)
        notations.add("bound")
    if marked := MARKED.fullmatch(text):
        text = marked.group(1)
        notations.add("marked")
    if probability and text.endswith("%"):
        text, scale = text[:-1].strip(), 0.01
        notations.add("percent")
    if power := POWER.fullmatch(text):
        mantissa, sign, exponent = power.groups()
        text = f"{mantissa or f'{sign}1'}e{exponent}"
        notations.add("power")
    elif spaced := SPACED.fullmatch(text):
        text = "{}e{}{}".format(*spaced.groups())
    try:
        return float(text.replace("_", "?")) * scale, notations
    except ValueError:
        return float("nan"), set()
