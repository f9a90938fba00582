"""Open the tables that a file may hold."""

from collections.abc import Iterator
from pathlib import Path

from dge_experiments.errors import BadInput
from dge_experiments.tables.files import kinds, stream, workbook
from dge_experiments.tables.files.delimited import open_text
from dge_experiments.tables.files.layout import Source
from dge_experiments.tables.files.parquet import is_parquet, open_parquet


def open_tables(file: Path, sheet: str | None = None, encoding: str | None = None) -> Iterator[Source]:
    """The tables that a file may hold: one, or several sheets of a workbook; none where no columns are found.

    Parameters
    ----------
    sheet : the only sheet to look at
    encoding : Python's name of the text encoding; default is found from the bytes

    Raises
    ------
    BadInput
        no such file, an empty, damaged or binary one, a text of another kind, an unknown sheet or encoding
    """
    stream.check(file)
    kind = workbook.format_of(file)
    if kind is not None:
        yield from workbook.open_sheets(file, kind, sheet)
        return
    if sheet is not None:
        raise BadInput(f"data.sheet={sheet}: {file} is no workbook (.xlsx, .xlsb, .xls or .ods)")
    if is_parquet(file):
        yield open_parquet(file)
        return
    start = stream.head(file)
    if encoding is None:
        encoding = stream.encoding(file, start)
    else:
        _decodes(file, start, encoding)
    what = kinds.text(start[:4096].decode(encoding, errors="replace"))
    if what:
        raise BadInput(f"{file}: not a DGE table: it looks like {what}")
    text = open_text(file, start, encoding)
    if text is not None:
        yield text


def _decodes(file: Path, start: bytes, encoding: str) -> None:
    try:
        start[: start.rfind(b"\n") + 1 or None].decode(encoding)
    except LookupError:
        raise BadInput(f"data.encoding={encoding}: no such encoding; such as utf-8, cp1252, cp932") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"data.encoding={encoding}: {file} is not written in it ({error.reason})") from None
