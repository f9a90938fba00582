"""The delimiter of a text: the one that fits header and body best."""

import csv
import re
from dataclasses import dataclass

from dge_experiments.tables.files.grid import Grid, Row, find, is_number

DELIMITERS = {"tab": "\t", "semicolon": ";", "comma": ",", "pipe": "|", "space": " ", "whitespace": " "}
BLANK = ("space", "whitespace")
FITS = 0.9
TRIED = 200


@dataclass(frozen=True)
class Candidate:
    """Lines read with one delimiter.

    Attributes
    ----------
    name : of ``DELIMITERS``
    grid : the header and body found
    quoting : whether double quotes enclose cells
    ends : for each row, the line that it ends on, from 0
    """

    name: str
    grid: Grid
    quoting: bool
    ends: list[int]

    @property
    def multiline(self) -> bool:
        """Whether a cell holds a line break."""
        return self.ends[-1] >= len(self.ends)

    @property
    def rank(self) -> tuple[bool, ...]:
        """Larger is better: rows fit, several columns, no blank as delimiter, names, nothing above the header."""
        marked = self.name not in BLANK or self._tidy
        named, above = not self.grid.headerless, self.grid.skipped == 0
        return self.grid.fit >= FITS, len(self.grid.headers) > 2, marked, named, above, self.grid.fit >= 0.99

    @property
    def plausible(self) -> bool:
        """Whether blanks, which any cell may contain, fit the header as well as the body."""
        unnamed = sum(h == "" for h in self.grid.headers)
        return self.name not in BLANK or (self.grid.fit >= FITS and unnamed <= 1)

    @property
    def _tidy(self) -> bool:
        """Whether every row has a name and numbers, so that blanks delimit cells and commas are decimal marks."""
        rows = self.grid.body[:50]
        numeric = [i for i in range(len(self.grid.headers)) if all(is_number(row[i]) for row in rows)]
        commas = any("," in row[i] for row in rows for i in numeric)
        header = not any("," in name for name in self.grid.headers)
        return self.grid.fit == 1 and self.grid.skipped == 0 and len(numeric) >= 2 and commas and header


def choose(lines: list[str], above: str) -> Candidate | None:
    """The delimiter of some lines; ``above`` is a commented line above them, which may be the header."""
    candidates = [c for name in DELIMITERS if (c := _candidate(name, lines[:TRIED], above)) and c.plausible]
    best = max(candidates, key=lambda candidate: candidate.rank, default=None)
    if best is not None and len(lines) > TRIED:
        best = _candidate(best.name, lines, above)
    return best if best is not None and best.plausible and best.grid.fit >= 0.5 else None


def squeeze(line: str) -> str:
    """The line with each run of blanks replaced by one."""
    return re.sub(r"\s+", " ", line.strip())


def _candidate(name: str, lines: list[str], above: str) -> Candidate | None:
    if name == "whitespace":
        lines, above = [squeeze(line) for line in lines], squeeze(above)
    mark = DELIMITERS[name]
    if not any(mark in line for line in lines[:50]):
        return None
    rows, ends = _rows(lines, mark, quoting=True)
    comment = next(csv.reader([above], delimiter=mark), None) if above else None
    grid, quoting = find(rows, comment), True
    if ends[-1] >= len(ends):
        plain, plain_ends = _rows(lines, mark, quoting=False)
        other = find(plain, comment)
        if other and (grid is None or len(other.body) > len(grid.body)):
            grid, ends, quoting = other, plain_ends, False
    return Candidate(name, grid, quoting, ends) if grid else None


def _rows(lines: list[str], mark: str, quoting: bool) -> tuple[list[Row], list[int]]:
    rows: list[Row] = []
    ends: list[int] = []
    ended = (line + "\n" for line in lines)  # a header may hold line breaks
    reader = csv.reader(ended, delimiter=mark, quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE)
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num - 1)
    except csv.Error:
        if quoting:
            return [[]], [len(lines)]
    return rows, ends
