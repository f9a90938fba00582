"""Delimited text: the delimiter is found in the first 256 KiB, the columns are read by pyarrow, typed."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from dge_experiments.errors import BadInput
from dge_experiments.tables.files import numbers, stream
from dge_experiments.tables.files.grid import Grid, Row, find
from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.files.source import Facts

DELIMITERS = {"tab": "\t", "semicolon": ";", "comma": ",", "pipe": "|", "space": " ", "whitespace": " "}
COMMENT = ("#", "!", "%", "//", "sep=")
SAMPLE_ROWS = 500
FITS = 0.9
BLOCK, LARGE = 1 << 22, 1 << 28
TRIED = 200


@dataclass(frozen=True)
class Delimited:
    """A delimited text file, opened by `open_text`; satisfies `Source`."""

    facts: Facts
    quoting: bool
    multiline: bool

    def load(
        self, numeric: Sequence[int], text: Sequence[int], lenient: bool = False
    ) -> tuple[dict[int, "pd.Series[Any]"], Iterator[tuple[int, Floats]]]:
        broken = False
        try:
            columns = self._read(numeric, text, numbers.PLAIN_MISSING)
        except pa.ArrowInvalid:
            try:
                columns = self._read(numeric, text, numbers.MISSING)
            except pa.ArrowInvalid:
                columns, broken = self._read([], [*numeric, *text], ()), True
        words = {i: columns.pop(i).to_pandas() for i in text}
        return words, self._numbers(columns, broken, lenient)

    def _numbers(self, columns: dict[int, Any], broken: bool, lenient: bool) -> Iterator[tuple[int, Floats]]:
        """The columns as numbers, each let go of in turn; ``broken`` ones hold text that Arrow cannot read."""
        facts, pool = self.facts, pa.default_memory_pool()
        for i in list(columns):
            pool.release_unused()
            cells = columns.pop(i)
            if broken:
                where = facts.file, facts.headers[i], facts.first_line
                yield i, numbers.strict(cells.to_pandas(), facts.decimal, *where, lenient)
            else:
                yield i, cells.to_numpy()
            del cells
        pool.release_unused()

    def _read(self, numeric: Sequence[int], text: Sequence[int], missing: Sequence[str]) -> dict[int, Any]:
        """Columns as Arrow arrays, reading again with other rules for quotes where rows do not fit."""
        attempts = [(self.quoting, self.multiline), (True, True), (False, False)]
        first: BadInput | None = None
        for quoting, multiline in dict.fromkeys(attempts):
            try:
                return self._parse(numeric, text, missing, quoting, multiline)
            except BadInput as error:
                first = first or error
        raise first or BadInput(f"{self.facts.file}: cannot be read")

    def _parse(
        self,
        numeric: Sequence[int],
        text: Sequence[int],
        missing: Sequence[str],
        quoting: bool,
        multiline: bool,
    ) -> dict[int, Any]:
        facts, odd = self.facts, list[str]()

        def ragged(row: Any) -> str:
            if not row.text.strip(" \t,;|\x1a") or row.text.startswith(COMMENT):
                return "skip"
            odd.append(f"{row.text[:60]!r} has {row.actual_columns} fields, not {row.expected_columns}")
            return "error"

        types = {str(i): pa.float64() for i in numeric} | {str(i): pa.large_string() for i in text}
        try:
            table = pc.read_csv(
                self._bytes(),
                read_options=pc.ReadOptions(
                    column_names=[str(i) for i in range(len(facts.headers))],
                    skip_rows=facts.first_line - 1,
                    block_size=self._block(),
                    encoding="utf8"
                    if (facts.encoding or "").startswith(("ascii", "utf-8"))
                    else facts.encoding,
                ),
                parse_options=pc.ParseOptions(
                    delimiter=DELIMITERS[facts.delimiter or "comma"],
                    quote_char='"' if quoting else False,
                    newlines_in_values=multiline,
                    invalid_row_handler=ragged,
                ),
                convert_options=pc.ConvertOptions(
                    include_columns=list(types),
                    column_types=types,
                    null_values=list(missing),
                    strings_can_be_null=False,
                    decimal_point=facts.decimal,
                ),
            )
        except (pa.ArrowInvalid, UnicodeError, OSError, EOFError) as error:
            if "conversion error to double" in str(error):
                raise
            if "invalid UTF8" in str(error) and facts.encoding in ("ascii", "utf-8"):
                latin = replace(self, facts=replace(facts, encoding="latin-1"))
                return latin._parse(numeric, text, missing, quoting, multiline)
            why = odd[0] if odd else " ".join(str(error).split())[:120]
            raise BadInput(
                f"{facts.file}: a row does not fit the header of {len(facts.headers)} columns ({why}); "
                "the file may be cut short, or a value may hold the delimiter"
            ) from None
        return {int(name): table.column(name) for name in table.column_names}

    def _block(self) -> int:
        """4 MiB is faster; of 8 MiB the columns are so long that each gives its memory back when it is let go."""
        return BLOCK if self.facts.file.stat().st_size < LARGE else 2 * BLOCK

    def _bytes(self) -> Any:
        file, squeezed = self.facts.file, stream.compression(self.facts.file)
        if self.facts.delimiter == "whitespace":
            text = b"".join(stream.chunks(file)).decode(self.facts.encoding or "utf-8", errors="replace")
            return io.BytesIO(
                "\n".join(map(_squeeze, text.splitlines())).encode(self.facts.encoding or "utf-8")
            )
        plain = pa.OSFile(str(file))
        return pa.CompressedInputStream(plain, {"gz": "gzip"}.get(squeezed, squeezed)) if squeezed else plain


def open_text(file: Path) -> Delimited | None:
    """Find encoding, delimiter, header and body of a text file; None if it is no table of 2 columns or more.

    Raises
    ------
    BadInput
        the file is empty, damaged, or not text
    """
    start = stream.head(file)
    encoding = stream.encoding(file, start)
    text = start.decode(encoding, errors="replace")
    lines = re.split("\r\n|\n|\r", text)
    if len(start) >= stream.HEAD:
        lines = lines[:-1]
    lines = lines[: 2 * SAMPLE_ROWS]
    kept = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith(COMMENT)]
    kept = [(n, line) for n, line in kept[: SAMPLE_ROWS + 50] if line.strip(" \t,;|")]
    if not kept:
        return None
    above = next((line for line in reversed(lines[: kept[0][0] - 1]) if line.startswith("#")), "").lstrip("#")
    lines = [line for _, line in kept]
    found = [c for name in DELIMITERS if (c := _try(name, lines[:TRIED], above))]
    best = max(found, key=_rank, default=None)
    best = _try(best[0], lines, above) if best is not None and len(lines) > TRIED else best
    if best is None or best[1].fit < 0.5:
        return None
    name, grid, quoting, ends = best
    below = ends[grid.first - 1] + 1 if grid.first else 0
    first_line = kept[below][0] if below < len(kept) else kept[-1][0] + 1
    sample = pd.DataFrame(grid.body[:SAMPLE_ROWS], columns=range(len(grid.headers)), dtype=str)
    squeezed = stream.compression(file)
    kind = {"tab": "tsv", "space": "text", "whitespace": "text"}.get(name, "csv")
    facts = Facts(
        file=file,
        format=f"{kind}.{squeezed}" if squeezed else kind,
        delimiter=name,
        encoding=encoding,
        headers=grid.headers,
        first_line=first_line,
        sample=sample,
        decimal="." if name == "comma" and not quoting else numbers.decimal(np.ravel(grid.body[:200])),
        headerless=grid.headerless,
    )
    return Delimited(facts, quoting, multiline=ends[-1] >= len(ends))


def _rank(candidate: tuple[str, Grid, bool, list[int]]) -> tuple[bool, ...]:
    name, grid, *_ = candidate
    wide, marked = len(grid.headers) > 2, name not in ("space", "whitespace")
    named = not grid.headerless
    return grid.fit >= FITS, wide, marked, named, grid.skipped == 0, grid.fit >= 0.99


def _squeeze(line: str) -> str:
    return re.sub(r"\s+", " ", line.strip())


def _try(name: str, lines: list[str], above: str) -> tuple[str, Grid, bool, list[int]] | None:
    """Read the lines with one delimiter: its name, the grid, whether quotes count, and the line each row
    ends on."""
    if name == "whitespace":
        lines, above = [_squeeze(line) for line in lines], _squeeze(above)
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
    return (name, grid, quoting, ends) if grid and _plausible(grid, name) else None


def _plausible(grid: Grid, name: str) -> bool:
    """Whether the split explains the header as well as the body."""
    if name in ("space", "whitespace"):
        return grid.fit >= FITS and sum(h == "" for h in grid.headers) <= 1
    return True


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
