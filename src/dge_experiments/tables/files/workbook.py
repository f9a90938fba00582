"""Workbooks, .xlsx .xlsm .xlsb .xls .ods: each sheet is a candidate."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError

from dge_experiments.errors import BadInput
from dge_experiments.tables.files import numbers
from dge_experiments.tables.files.grid import find
from dge_experiments.tables.files.layout import Layout, Loaded

SAMPLE_ROWS = 10_000
OLE2 = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"
PARTS = {"xl/workbook.bin": "xlsb", "xl/workbook.xml": "xlsx", "content.xml": "ods"}
LARGEST = 4 << 30  # bytes of XML; the sheets of a million full rows need less


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook; satisfies `Source`.

    Attributes
    ----------
    layout : of the sheet
    body : its rows below the header that are not empty, as text; columns 0, 1, ... as in ``layout.headers``
    """

    layout: Layout
    body: pd.DataFrame

    def load(self, numeric: Sequence[int], text: Sequence[int]) -> Loaded:
        return Loaded({i: self.body[i] for i in text}, ((i, self.body[i]) for i in numeric))


def format_of(file: Path) -> str | None:
    """``xlsx``, ``xlsb``, ``ods`` or ``xls``; None for what is no workbook.

    Raises
    ------
    BadInput
        a damaged archive, one that unpacks to more than 4 GiB, or a Word document
    """
    with file.open("rb") as opened:
        magic = opened.read(4)
    if magic == OLE2:
        return "xls"
    if magic != ZIP:
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            size = {part.filename: part.file_size for part in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadInput(f"{file}: a damaged zip archive or workbook; fetch it again") from None
    if "word/document.xml" in size:
        raise BadInput(f"{file}: not a DGE table, but a Word document: save the table as .xlsx or CSV")
    workbook_kind = next((kind for part, kind in PARTS.items() if part in size), None)
    workbook_kind = workbook_kind or ("xlsx" if any(name.startswith("xl/") for name in size) else None)
    if workbook_kind and sum(size.values()) > LARGEST:
        raise BadInput(f"{file}: unpacks to {sum(size.values()) >> 30} GiB; save the table as CSV")
    return workbook_kind


def open_sheets(file: Path, kind: str, sheet: str | None = None) -> Iterator[Workbook]:
    """The sheets that hold rows of cells, in the workbook's order; only ``sheet`` if it is given.

    Raises
    ------
    BadInput
        the workbook is damaged, or has no sheet of that name
    """
    with _open(file) as book:
        names = [str(name) for name in book.sheet_names]
        if sheet is not None and sheet not in names:
            raise BadInput(f"{file}: no sheet {sheet!r}; the workbook has {', '.join(map(repr, names))}")
        for name in [sheet] if sheet is not None else names:
            candidate = _sheet(
                file, kind, name, tuple(n for n in names if n != name), _cells(file, book, name)
            )
            if candidate is not None:
                yield candidate


def _sheet(
    file: Path, kind: str, name: str, other_sheets: tuple[str, ...], cells: pd.DataFrame
) -> Workbook | None:
    filled = (cells != "").sum(axis=1).to_numpy()
    several = [i for i in range(min(len(cells), SAMPLE_ROWS)) if filled[i] > 1]
    width = max((i + 1 for i in range(cells.shape[1]) if (cells[i] != "").any()), default=0)
    grid = find([list(row) for row in cells.iloc[several, :width].itertuples(index=False)])
    if grid is None:
        return None
    first = several[grid.first] if grid.first < len(several) else len(cells)
    body = cells.iloc[first:, : len(grid.headers)]
    body = body[filled[first:] > 0].reset_index(drop=True)
    sample = body.head(SAMPLE_ROWS)
    layout = Layout(
        file=file,
        format=kind,
        delimiter=None,
        encoding=None,
        headers=grid.headers,
        first_line=first + 1,
        sample=sample,
        decimal=numbers.decimal(cell for row in grid.body[:200] for cell in row),
        sheet=name,
        headerless=grid.headerless,
        other_sheets=other_sheets,
    )
    return Workbook(layout, body)


def _open(file: Path) -> pd.ExcelFile:
    try:
        return pd.ExcelFile(file, engine="calamine")
    except (CalamineError, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise _unreadable(file, error) from None


def _cells(file: Path, book: pd.ExcelFile, name: str) -> pd.DataFrame:
    """All cells of a sheet as stripped text, from A1 on, whatever size the sheet declares; dates as ISO dates."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells = pd.read_excel(book, sheet_name=name, header=None, dtype=object, na_filter=False)
    except (CalamineError, KeyError, ValueError, OSError) as error:
        raise _unreadable(file, error) from None
    cells.columns = pd.RangeIndex(cells.shape[1])
    return cells.map(_text)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _unreadable(file: Path, error: Exception) -> BadInput:
    why = " ".join(str(error).split())[:80]
    return BadInput(
        f"{file}: not a readable workbook ({why}): damaged, locked by a password, or an old Excel workbook or "
        "another Office file of a kind that is not known; save it again as .xlsx or CSV"
    )
