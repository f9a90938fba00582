"""A large table written chunk by chunk to CSV, TSV, Parquet or Excel, safe to open in a spreadsheet."""

import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from dge_experiments.errors import BadInput, escaped

EXCEL_ROWS = 1_048_576
FORMULA = r"\s*[=+\-@＝＋－＠]|[\t\r\n]"  # spreadsheets skip leading blanks


def check(file: Path, rows: int = 0) -> None:
    """Check that a table of ``rows`` rows can be written to ``file``.

    Raises
    ------
    BadInput
        an unknown ending, a folder that does not exist, more rows than an Excel sheet holds
    """
    if file.suffix.lower() not in WRITERS:
        raise BadInput(f"out={file}: the ending must be one of {', '.join(WRITERS)}")
    if not file.parent.is_dir():
        raise BadInput(f"out={file}: there is no folder {file.parent}; make it first")
    if file.is_dir():
        raise BadInput(f"out={file}: is a folder; name a file")
    if file.suffix.lower() == ".xlsx" and rows >= EXCEL_ROWS:
        raise BadInput(
            f"out={file}: an Excel sheet holds {EXCEL_ROWS - 1:,} rows below its header, this table has {rows:,}; "
            f"write {file.with_suffix('.csv')} or {file.with_suffix('.parquet')}"
        )


def write(file: Path, chunks: Iterable[pd.DataFrame]) -> None:
    """Write chunks of one table; ``file`` is replaced when the last is written, and never left incomplete.

    A text cell that a spreadsheet would run (``=cmd()``) is text: in Excel by its cell type, in CSV and TSV by an
    apostrophe before it (OWASP, CSV injection). Parquet holds the text as it is.

    Raises
    ------
    BadInput
        the file cannot be written
    """
    check(file)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with WRITERS[file.suffix.lower()](part) as add:
            for chunk in chunks:
                add(chunk)
        part.replace(file)
    except OSError as error:
        raise BadInput(f"out={file}: cannot be written ({error.strerror or error})") from None
    finally:
        part.unlink(missing_ok=True)


Add = Callable[[pd.DataFrame], None]


@contextmanager
def _comma(file: Path, mark: str = ",") -> Iterator[Add]:
    from pyarrow.csv import CSVWriter, WriteOptions

    options = WriteOptions(delimiter=mark)
    with _arrow(lambda schema: CSVWriter(file, schema, write_options=options)) as add:
        yield lambda chunk: add(_defused(chunk))


@contextmanager
def _tab(file: Path) -> Iterator[Add]:
    with _comma(file, "\t") as add:
        yield add


@contextmanager
def _parquet(file: Path) -> Iterator[Add]:
    from pyarrow.parquet import ParquetWriter

    with _arrow(lambda schema: ParquetWriter(file, schema)) as add:
        yield add


@contextmanager
def _arrow(open_writer: Callable[[Any], Any]) -> Iterator[Add]:
    """Write chunks with one of Arrow's writers, opened with the schema of the first chunk; NaN is an empty cell."""
    import pyarrow as pa

    writer: Any = None

    def add(chunk: pd.DataFrame) -> None:
        nonlocal writer
        texts = {column: chunk[column].astype("str") for column in _texts(chunk)}
        table = pa.Table.from_pandas(chunk.assign(**texts), preserve_index=False).replace_schema_metadata()
        writer = writer or open_writer(table.schema)
        writer.write_table(table)

    try:
        yield add
    finally:
        if writer:
            writer.close()


@contextmanager
def _excel(file: Path) -> Iterator[Add]:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("predictions")
    has_header = False

    def cell(value: Any) -> Any:
        if isinstance(value, float) and math.isinf(value):
            value = str(value)  # Excel has no infinity
        elif not isinstance(value, str) or not value.startswith(("=", "#")):
            return value
        text = WriteOnlyCell(sheet, value=value)
        text.data_type = "s"
        return text

    def add(chunk: pd.DataFrame) -> None:
        nonlocal has_header
        if not has_header:
            sheet.append([cell(str(column)) for column in chunk])
            has_header = True
        clean = chunk.assign(**{c: chunk[c].map(_cell, na_action="ignore") for c in _texts(chunk)})
        for row in clean.astype(object).where(clean.notna(), None).itertuples(index=False):
            sheet.append([cell(value) for value in row])

    try:
        yield add
    finally:
        sheet.close()
    book.save(file)


def _cell(text: str) -> str:
    """A text without the control characters that Excel does not allow in a cell."""
    return escaped(text, keep="\t\n\r")


def _texts(chunk: pd.DataFrame) -> list[str]:
    return [str(c) for c in chunk if not pd.api.types.is_numeric_dtype(chunk[c])]


def _defused(chunk: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text cells that begin like a formula."""
    risky = {c: chunk[c].astype("str").str.match(FORMULA) for c in _texts(chunk)}
    changed = {
        c: chunk[c].where(~mask, "'" + chunk[c].astype("str")) for c, mask in risky.items() if mask.any()
    }
    return chunk.assign(**changed) if changed else chunk


WRITERS: dict[str, Callable[[Path], Any]] = {
    ".csv": _comma, ".tsv": _tab, ".parquet": _parquet, ".xlsx": _excel,
}  # fmt: skip
