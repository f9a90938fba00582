"""Numbers written as text: missing values, decimal commas, and the cells that are no numbers."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from dge_experiments.errors import BadInput

MISSING = (
    "", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "-nan", "NULL", "null", "None", "none", "n/a", "na",
    "n.a.",
    "-", "--", ".", "#DIV/0!", "#NUM!", "#VALUE!", "#REF!", "#NAME?", "NaT", "nd", "ND", "NOTEST",
)  # fmt: skip
PLAIN_MISSING = ("", "NA")
COMMA = re.compile(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*")
GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")
POINT = re.compile(r"\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*")
Floats = npt.NDArray[np.float64]


def decimal(cells: Iterable[str]) -> str:
    """``,`` if more cells are numbers with a decimal comma than with a decimal point, else ``.``."""
    comma = point = 0
    for cell in cells:
        comma += COMMA.fullmatch(cell) is not None
        point += POINT.fullmatch(cell) is not None
    return "," if comma > point else "."


def parse(text: "pd.Series[Any]", mark: str = ".") -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Numbers of text cells; 1,234.5 is one where the column's commas can only separate thousands.

    Parameters
    ----------
    text : cells, as str
    mark : the decimal mark

    Returns
    -------
    values : float64; NaN where a cell is missing or no number
    bad : where a cell is neither missing nor a number
    """
    if mark == ".":
        with suppress(pa.ArrowInvalid):
            plain = pa.array(text, pa.large_string(), from_pandas=True).cast(pa.float64()).to_numpy(False)
            if not np.isnan(plain).any():
                return plain, np.zeros(len(plain), bool)
    cells = text.astype(object).where(text.notna(), "").astype(str).str.strip()
    cells = cells.str.replace("\u2212", "-", regex=False)
    missing = cells.isin(MISSING).to_numpy(dtype=bool)
    if mark == ",":
        cells = cells.str.replace(",", ".", regex=False)
    values = pd.to_numeric(cells.where(~missing, "nan"), errors="coerce").to_numpy(dtype="float64")
    bad = np.isnan(values) & ~missing
    if mark == "." and bad.any() and _grouped(cells[bad]):
        plain = cells.where(~missing, "nan").str.replace(",", "", regex=False)
        whole = pd.to_numeric(plain, errors="coerce")
        return whole.to_numpy(dtype="float64"), np.zeros(len(values), dtype=bool)
    return values, bad


def _grouped(cells: "pd.Series[Any]") -> bool:
    """Whether the commas are thousands separators beyond doubt: one cell at least has a point, or two, too."""
    whole = cells.map(lambda cell: GROUPED.fullmatch(cell) is not None)
    return bool(whole.all()) and any("." in cell or cell.count(",") > 1 for cell in cells)


def strict(
    text: "pd.Series[Any]", mark: str, file: object, header: str, first_line: int, lenient: bool = False
) -> Floats:
    """Numbers of a column that has to be numeric; with ``lenient``, NaN for what is none.

    Raises
    ------
    BadInput
        a cell is neither a number nor a missing value; the first one is named
    """
    values, bad = parse(text, mark)
    where = np.flatnonzero(bad)
    if len(where) and not lenient:
        cell = str(text.iloc[where[0]])[:40]
        raise BadInput(
            f"{file}: column {header!r}, line {where[0] + first_line}: {cell!r} is not "
            f"a number ({len(where)} such rows); correct or remove them"
        )
    return values
