"""The layout of a file that may hold a table, and its columns on demand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from dge_experiments.tables.files.numbers import Floats


@dataclass(frozen=True)
class Layout:
    """How a file is written.

    Attributes
    ----------
    file : its path
    format, delimiter, encoding, sheet : as in `Table`
    headers : one per column, in file order; "" for an unnamed one
    first_line : 1-based line of the first row of the body
    headerless : whether the headers are column numbers, the file having none
    sample : the first rows of the body as text, columns 0, 1, ... as in ``headers``
    decimal : the decimal mark, ``.`` or ``,``
    other_sheets : the sheets of the workbook that were not read
    """

    file: Path
    format: str
    delimiter: str | None
    encoding: str | None
    headers: tuple[str, ...]
    first_line: int
    sample: pd.DataFrame
    decimal: str = "."
    sheet: str | None = None
    headerless: bool = False
    other_sheets: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The headers, repeated ones numbered as pandas does: ``logFC``, ``logFC.1``, ``logFC.2``."""
        counts = Counter[str]()
        names = []
        for header in self.headers:
            names.append(f"{header}.{counts[header]}" if header and counts[header] else header)
            counts[header] += 1
        return tuple(names)


@dataclass(frozen=True)
class Loaded:
    """Columns of a file, by position.

    Attributes
    ----------
    texts : text columns as str, missing cells as ""
    numbers : numeric columns: float64 with NaN for missing, or the cells as str where any is no plain number; an
        iterator, so that the ids can be hashed meanwhile
    footnotes : lines below or between the rows that are no rows
    """

    texts: dict[int, "pd.Series[Any]"]
    numbers: Iterator[tuple[int, "Floats | pd.Series[Any]"]]
    footnotes: Sequence[str] = ()


class Source(Protocol):
    """An opened file: its `Layout` and a way to load columns by position."""

    @property
    def layout(self) -> Layout: ...

    def load(self, numeric: Sequence[int], text: Sequence[int]) -> Loaded:
        """Some columns, by position.

        Raises
        ------
        BadInput
            the file cannot be read to its end
        """
        ...
