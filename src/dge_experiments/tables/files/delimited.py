"""Delimited text: the delimiter is found in the first 256 KiB; pyarrow reads the columns with their types."""

import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from dge_experiments.errors import BadInput, printable
from dge_experiments.tables.files import delimiter, numbers, stream
from dge_experiments.tables.files.delimiter import DELIMITERS, squeeze
from dge_experiments.tables.files.layout import Layout, Loaded
from dge_experiments.tables.files.numbers import Floats

COMMENT = ("#", "!", "%", "//", "sep=")
BLANKS = ' \t,;|"\x1a'
FOOTNOTE = re.compile(r"[*†‡§¶^]|(?i:(foot)?notes?|abbreviations?|source|legend|significan\w+|data)\b")
SAMPLE_ROWS = 500
BLOCK, LARGE = 1 << 22, 1 << 28


@dataclass(frozen=True)
class Delimited:
    """A delimited text file, opened by `open_text`; satisfies `Source`."""

    layout: Layout
    quoting: bool
    multiline: bool

    def load(self, numeric: Sequence[int], text: Sequence[int]) -> Loaded:
        footnotes: list[str] = []
        try:
            columns = self._read(numeric, text, numbers.PLAIN_MISSING, footnotes)
        except pa.ArrowInvalid:
            try:
                columns = self._read(numeric, text, numbers.MISSING, footnotes)
            except pa.ArrowInvalid:
                columns = self._read([], [*numeric, *text], (), footnotes)
        words = {i: columns.pop(i).to_pandas() for i in text}
        return Loaded(words, _numbers(columns), footnotes)

    def _read(
        self, numeric: Sequence[int], text: Sequence[int], missing: Sequence[str], footnotes: list[str]
    ) -> dict[int, Any]:
        """Columns as Arrow arrays; where rows do not fit, they are read again with other rules for quotes."""
        attempts = [(self.quoting, self.multiline), (True, True), (False, False)]
        first: BadInput | None = None
        for quoting, multiline in dict.fromkeys(attempts):
            footnotes.clear()
            try:
                return replace(self, quoting=quoting, multiline=multiline)._parse(
                    numeric, text, missing, footnotes
                )
            except BadInput as error:
                first = first or error
        raise first or BadInput(f"{self.layout.file}: cannot be read")

    def _parse(
        self, numeric: Sequence[int], text: Sequence[int], missing: Sequence[str], footnotes: list[str]
    ) -> dict[int, Any]:
        layout, ragged_rows, undecoded = self.layout, list[str](), list[str]()

        def ragged(row: Any) -> str:
            if not row.text.strip(BLANKS) or row.text.startswith(COMMENT):
                return "skip"
            if _is_footnote(row.text, DELIMITERS[layout.delimiter or "comma"]):
                footnotes.append(row.text.strip(BLANKS))
                return "skip"
            ragged_rows.append(
                f"{row.text[:60]!r} has {row.actual_columns} fields, not {row.expected_columns}"
            )
            return "error"

        types = {str(i): pa.float64() for i in numeric} | {str(i): pa.large_string() for i in text}
        try:
            with _noting_undecoded(undecoded):
                table = self._table(types, missing, ragged)
        except (pa.ArrowInvalid, UnicodeError, OSError, EOFError) as error:
            if "conversion error to double" in str(error):
                raise
            if ("invalid UTF8" in str(error) or undecoded) and layout.encoding in ("ascii", "utf-8"):
                later = replace(layout, encoding=stream.later_encoding(layout.file))
                return replace(self, layout=later)._parse(numeric, text, missing, footnotes)
            why = ragged_rows[0] if ragged_rows else printable(" ".join(str(error).split()), 120)
            raise BadInput(
                f"{layout.file}: a row does not fit the header of {len(layout.headers)} columns ({why}); "
                "the file may be cut short, or a value may hold the delimiter"
            ) from None
        return {int(name): table.column(name) for name in table.column_names}

    def _table(self, types: Mapping[str, Any], missing: Sequence[str], ragged: Callable[[Any], str]) -> Any:
        """The columns of these types, as pyarrow reads them; ``ragged`` decides on rows of another length."""
        layout = self.layout
        unicode = (layout.encoding or "").startswith(("ascii", "utf-8"))
        return pc.read_csv(
            self._bytes(),
            read_options=pc.ReadOptions(
                column_names=[str(i) for i in range(len(layout.headers))],
                skip_rows=layout.first_line - 1,
                block_size=self._block(),
                encoding="utf8" if unicode else layout.encoding,
            ),
            parse_options=pc.ParseOptions(
                delimiter=DELIMITERS[layout.delimiter or "comma"],
                quote_char='"' if self.quoting else False,
                newlines_in_values=self.multiline,
                invalid_row_handler=ragged,
            ),
            convert_options=pc.ConvertOptions(
                include_columns=list(types),
                column_types=types,
                null_values=list(missing),
                strings_can_be_null=False,
                decimal_point=layout.decimal,
            ),
        )

    def _block(self) -> int:
        """4 MiB is faster; with 8 MiB the columns are so long that the memory of each is returned when it is freed."""
        return BLOCK if self.layout.file.stat().st_size < LARGE else 2 * BLOCK

    def _bytes(self) -> Any:
        file, squeezed = self.layout.file, stream.compression(self.layout.file)
        if self.layout.delimiter == "whitespace":
            encoding = self.layout.encoding or "utf-8"
            text = b"".join(stream.chunks(file)).decode(encoding, errors="replace")
            return io.BytesIO("\n".join(map(squeeze, text.splitlines())).encode(encoding))
        plain = pa.OSFile(str(file))
        return pa.CompressedInputStream(plain, {"gz": "gzip"}.get(squeezed, squeezed)) if squeezed else plain


def open_text(file: Path, start: bytes, encoding: str) -> Delimited | None:
    """Find delimiter, header and body of a text file; None if it is no table of 2 columns or more.

    ``start`` is the beginning of its content.
    """
    text = start.decode(encoding, errors="replace")
    lines = re.split("\r\n|\n|\r", text)
    if len(start) >= stream.HEAD:
        lines = lines[:-1]
    lines = lines[: 2 * SAMPLE_ROWS]
    content = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith(COMMENT)]
    content = [(n, line) for n, line in content[: SAMPLE_ROWS + 50] if line.strip(" \t,;|")]
    if not content:
        return None
    above = next((line for line in reversed(lines[: content[0][0] - 1]) if line.startswith("#")), "").lstrip(
        "#"
    )
    best = delimiter.choose([line for _, line in content], above)
    if best is None:
        return None
    name, grid = best.name, best.grid
    below = best.ends[grid.first - 1] + 1 if grid.first else 0
    first_line = content[below][0] if below < len(content) else content[-1][0] + 1
    squeezed = stream.compression(file)
    kind = {"tab": "tsv", "space": "text", "whitespace": "text"}.get(name, "csv")
    layout = Layout(
        file=file,
        format=f"{kind}.{squeezed}" if squeezed else kind,
        delimiter=name,
        encoding=encoding,
        headers=grid.headers,
        first_line=first_line,
        sample=pd.DataFrame(grid.body[:SAMPLE_ROWS], columns=range(len(grid.headers)), dtype=str),
        decimal="." if name == "comma" and not best.quoting else numbers.decimal(np.ravel(grid.body[:200])),
        headerless=grid.headerless,
    )
    return Delimited(layout, best.quoting, best.multiline)


def _numbers(columns: dict[int, Any]) -> Iterator[tuple[int, "Floats | pd.Series[Any]"]]:
    """The columns as numbers, or as text where Arrow found no numbers; each is freed before the next."""
    pool = pa.default_memory_pool()
    for i in list(columns):
        pool.release_unused()
        cells = columns.pop(i)
        yield i, cells.to_numpy() if pa.types.is_floating(cells.type) else cells.to_pandas()
        del cells
    pool.release_unused()


def _is_footnote(line: str, mark: str) -> bool:
    """Whether a line without the fields of a row is a remark: it begins like one, or has words but no delimiter."""
    text = line.strip(BLANKS)
    return FOOTNOTE.match(text) is not None or (mark not in " \t" and " " in text and mark not in text)


@contextmanager
def _noting_undecoded(undecoded: list[str]) -> Iterator[None]:
    """Inside the block, rows that pyarrow cannot decode are added to ``undecoded`` instead of printed as tracebacks."""
    before = sys.unraisablehook

    def note(error: Any) -> None:
        if isinstance(error.exc_value, UnicodeDecodeError):
            undecoded.append(str(error.exc_value))
        else:
            before(error)

    sys.unraisablehook = note
    try:
        yield
    finally:
        sys.unraisablehook = before
