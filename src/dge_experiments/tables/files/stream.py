"""The bytes of a file: decompression, encoding, and refusal of what is not text."""

import bz2
import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from dge_experiments.errors import BadInput

CHUNK = 1 << 20
SCANNED = 4
HEAD = 1 << 18
OPENERS: dict[str, Callable[..., Any]] = {"gz": gzip.open, "bz2": bz2.open}
BINARY = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls): save it as .xlsx or CSV"),
    (b"PK\x03\x04", "a zip archive: unpack it and give the table inside"),
    (b"\xfd7zXZ", "an xz archive: decompress it, or use gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive: decompress it, or use gzip"),
    (b"\x89HDF", "an HDF5 file (.h5, .h5ad, .loom): export the result table as CSV"),
    (b"ARROW1", "an Arrow or Feather file: write it as Parquet or CSV"),
    (b"SQLite format 3", "an SQLite database: export the result table as CSV"),
    (b"RDX", "an R data file: export the result table with write.table"),
    (b"X\n\x00\x00", "an R data file (.rds): export the result table with write.table"),
    (b"%PDF", "a PDF document: a table as CSV, TSV or XLSX is needed"),
    (b"\x89PNG", "a picture: a table as CSV, TSV or XLSX is needed"),
    (b"\xff\xd8\xff", "a picture: a table as CSV, TSV or XLSX is needed"),
    (b"BAM\x01", "a BAM alignment: a table of results is needed"),
)


def check(file: Path) -> None:
    """Refuse, in one line, a path that is no readable file or an empty one."""
    if not file.exists():
        raise BadInput(f"{file}: no such file (looked in {Path.cwd()}); give one with data.path=FILE")
    if not file.is_file():
        raise BadInput(f"{file}: not a file; give the file of the table with data.path=FILE")
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise BadInput(f"{file}: cannot be opened ({error.strerror})") from None
    if file.stat().st_size == 0:
        raise BadInput(f"{file}: the file is empty; a DGE table has a header and one row per gene")


def compression(file: Path) -> str | None:
    """``gz``, ``bz2`` or None, by the first bytes."""
    with file.open("rb") as stream:
        start = stream.read(3)
    return {b"\x1f\x8b": "gz", b"BZ": "bz2"}.get(start[:2]) if start != b"BZ," else None


def head(file: Path) -> bytes:
    """The first 256 KiB of the content, decompressed."""
    chunk = next(chunks(file, HEAD), b"")
    if not chunk.strip():
        raise BadInput(f"{file}: the file is empty; a DGE table has a header and one row per gene")
    for magic, what in BINARY:
        if chunk.startswith(magic):
            raise BadInput(f"{file}: not a DGE table, but {what}")
    if chunk[257:262] == b"ustar":
        raise BadInput(f"{file}: not a DGE table, but a tar archive: unpack it and give the table inside")
    return chunk


def chunks(file: Path, size: int = CHUNK) -> Iterator[bytes]:
    """The content, decompressed, in pieces of ``size`` bytes."""
    opener = OPENERS.get(compression(file) or "")
    with cast(BinaryIO, opener(file, "rb") if opener else file.open("rb")) as stream:
        try:
            while chunk := stream.read(size):
                yield chunk
        except (EOFError, zlib.error, OSError) as error:
            raise BadInput(f"{file}: the file is damaged or cut short ({error}); fetch it again") from None


def encoding(file: Path, start: bytes) -> str:
    """Encoding of a text file: byte-order mark first, then ASCII, UTF-8, and Latin-1 for anything else.

    The first 4 MiB decide; what comes later is checked when it is read.

    Raises
    ------
    BadInput
        NUL bytes that no UTF-16 explains: the file is not text
    """
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = (start[0:4096:2].count(0), start[1:4096:2].count(0))
    if max(zeros) > 0.4 * len(start[:4096:2]):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    if 0 in start:
        raise BadInput(f"{file}: not a DGE table, but a binary file: a table as CSV, TSV or XLSX is needed")
    marked = start.startswith(codecs.BOM_UTF8)
    name, decoder = "ascii", codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in islice(chunks(file), SCANNED):
            if name == "ascii" and chunk.isascii():
                continue
            name = "utf-8"
            decoder.decode(chunk)
    except UnicodeDecodeError:
        if marked:
            raise BadInput(f"{file}: begins as UTF-8 but holds other bytes; save it as UTF-8") from None
        return "latin-1"
    return "utf-8-sig" if marked else name
