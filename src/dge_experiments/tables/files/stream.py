"""The bytes of a file: decompression, encoding, and refusal of files that are not text."""

import bz2
import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from dge_experiments.errors import BadInput
from dge_experiments.tables.files import encoding as encodings
from dge_experiments.tables.files import kinds

CHUNK = 1 << 20
SCANNED = 4  # chunks that decide on the encoding; later ones are checked when they are read
HEAD = 1 << 18
OPENERS: dict[str, Callable[..., Any]] = {"gz": gzip.open, "bz2": bz2.open}
BZ2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")  # of data, or the end of an empty file


def check(file: Path) -> None:
    """Refuse, in one line, a path that is no readable file or an empty one."""
    if not file.exists():
        raise BadInput(f"{file}: no such file (looked in {Path.cwd()})")
    if not file.is_file():
        raise BadInput(f"{file}: not a file; give the file of the table")
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
        start = stream.read(10)
    if start.startswith(b"\x1f\x8b"):
        return "gz"
    if start[:3] == b"BZh" and start[3:4] in b"123456789" and start[4:] in BZ2_BLOCKS:
        return "bz2"
    return None


def head(file: Path) -> bytes:
    """The first 256 KiB of the content, decompressed."""
    chunk = next(chunks(file, HEAD), b"")
    if not chunk.strip():
        raise BadInput(f"{file}: the file is empty; a DGE table has a header and one row per gene")
    what = kinds.binary(chunk)
    if what:
        raise BadInput(f"{file}: not a DGE table, but {what}")
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
    """Python's name of the encoding of a text file: a form of Unicode, or the code page of its first 4 MiB."""
    name = encodings.unicode(file, start, islice(chunks(file), SCANNED))
    return name or encodings.code_page(file, b"".join(islice(chunks(file), SCANNED)))


def later_encoding(file: Path) -> str:
    """The encoding of a text whose first 4 MiB are UTF-8, but not all of the rest."""
    odd = b"\n".join(line for chunk in chunks(file) for line in chunk.splitlines() if not _is_utf8(line))
    return encodings.code_page(file, odd)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
