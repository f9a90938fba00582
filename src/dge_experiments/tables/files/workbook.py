"""Excel workbooks: each sheet is a candidate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables.files import numbers
from dge_experiments.tables.files.grid import find
from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.files.source import Facts

SAMPLE_ROWS = 10_000


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook; satisfies `Source`."""

    facts: Facts

    def load(
        self, numeric: Sequence[int], text: Sequence[int], lenient: bool = False
    ) -> tuple[dict[int, "pd.Series[Any]"], Iterator[tuple[int, Floats]]]:
        facts, width = self.facts, len(self.facts.headers)
        book = _open(facts.file)
        rows = islice(_cells(book[facts.sheet], width), facts.first_line - 1, None)
        body = [row for row in rows if any(row)]
        book.close()
        columns = {i: pd.Series([row[i] for row in body], dtype=str) for i in {*numeric, *text}}
        values = {
            i: numbers.strict(
                columns[i], facts.decimal, facts.file, facts.headers[i], facts.first_line, lenient
            )
            for i in numeric
        }
        return {i: columns[i] for i in text}, iter(values.items())


def open_sheets(file: Path, sheet: str | None = None) -> Iterator[Workbook]:
    """The sheets that hold rows of cells, in the workbook's order; only ``sheet`` if it is given.

    Raises
    ------
    BadInput
        the workbook is damaged, or has no sheet of that name
    """
    book = _open(file)
    names = list(book.sheetnames)
    if sheet is not None and sheet not in names:
        raise BadInput(f"{file}: no sheet {sheet!r}; the workbook has {', '.join(map(repr, names))}")
    for name in [sheet] if sheet is not None else names:
        if not hasattr(book[name], "iter_rows"):
            continue
        rows = list(islice(_cells(book[name], None), SAMPLE_ROWS))
        width = max((i + 1 for row in rows for i, cell in enumerate(row) if cell), default=0)
        rows = [row[:width] + [""] * (width - len(row)) for row in rows]
        filled = [i for i, row in enumerate(rows) if sum(map(bool, row)) > 1]
        grid = find([rows[i] for i in filled])
        if grid is None:
            continue
        sample = pd.DataFrame(grid.body, columns=range(len(grid.headers)), dtype=str)
        yield Workbook(
            Facts(
                file=file,
                format="xlsx",
                delimiter=None,
                encoding=None,
                headers=grid.headers,
                first_line=filled[grid.first] + 1 if grid.first < len(filled) else len(rows) + 1,
                sample=sample,
                decimal=numbers.decimal(cell for row in grid.body[:200] for cell in row),
                sheet=name,
                headerless=grid.headerless,
                other_sheets=tuple(n for n in names if n != name),
            )
        )
    book.close()


def _open(file: Path) -> Any:
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError, EOFError, TypeError, SyntaxError) as error:
        raise BadInput(
            f"{file}: not a readable Excel workbook ({str(error)[:80]}); save it again as .xlsx"
        ) from None


def _cells(sheet: Any, width: int | None) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True, max_col=width):
        cells = ["" if cell is None else str(cell).strip() for cell in row]
        if width is None:
            while cells and not cells[-1]:
                cells.pop()
        yield cells + [""] * ((width or 0) - len(cells))
