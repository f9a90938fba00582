"""64-bit hashes of ids and rows, computed on Arrow's buffers without Python objects for the ids."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
ODD = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(32)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


def arrow(texts: "pd.Series[Any]") -> pa.ChunkedArray:
    """A column of str as Arrow's large strings, in chunks."""
    column = pa.array(texts, type=pa.large_string(), from_pandas=True)
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column], pa.large_string())


def buffers(texts: "pd.Series[Any]") -> Iterator[tuple[npt.NDArray[np.int64], Bytes]]:
    """UTF-8 bytes of the cells by chunk: offsets, shape (cells + 1,), from 0, and the bytes."""
    for chunk in arrow(texts).chunks:
        if len(chunk):
            _, offsets, data = chunk.buffers()
            marks = np.frombuffer(offsets, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
            text = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, np.uint8)
            yield marks - marks[0], text[marks[0] : marks[-1]]


def hashes(texts: "pd.Series[Any]") -> Hashes:
    """A 64-bit number for each cell, the same for the same text; shape (cells,)."""
    parts = [_hash(offsets, data) for offsets, data in buffers(texts)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def mixed(columns: Mapping[str, Any]) -> Hashes:
    """A 64-bit number for each row of numbers; shape (rows,)."""
    parts = iter(columns.values())
    out = np.ascontiguousarray(next(parts), np.float64).view(np.uint64).copy()
    for values in parts:
        out *= ODD
        out ^= np.ascontiguousarray(values, np.float64).view(np.uint64)
    return out


def content_digest(frame: pd.DataFrame) -> str:
    """Digest of a canonical frame: of its column names and, row by row, its ids, groups and numbers."""
    rows = mixed({str(name): frame[name].to_numpy() for name in frame if name not in ("gene", "group")})
    if "gene" in frame and (frame["gene"] != "").any():
        keys = hashes(frame["gene"])
        rows ^= keys if "group" not in frame else grouped(keys, frame["group"])
    return digest(map(str, frame), rows)


def digest(names: Iterable[str], rows: Hashes) -> str:
    """First 16 hex digits of the SHA-256 of the column names and of a number for each row, in order."""
    sha = hashlib.sha256("\t".join(names).encode())
    sha.update(np.ascontiguousarray(rows).data)
    return sha.hexdigest()[:16]


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in hex, as ``sha256sum`` gives it."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def repeated(keys: Hashes) -> npt.NDArray[np.bool_] | None:
    """Which keys are also in an earlier row; None if there are none.

    The upper halves of the keys sort in half the time, low and high ones in parallel; only keys near a repeated half
    are sorted in full.
    """
    half = np.ascontiguousarray(keys).view("<u4")[1::2]
    low = half < 1 << 31
    near = np.zeros(1 << 16, bool)
    with ThreadPoolExecutor(2) as pool:
        for ordered in pool.map(np.sort, (half[low], half[~low])):
            near[ordered[1:][ordered[1:] == ordered[:-1]] >> 16] = True
    near_keys = np.sort(keys[near[half >> 16]])
    if not (near_keys[1:] == near_keys[:-1]).any():
        return None
    return np.asarray(pd.Series(keys).duplicated())


def grouped(keys: Hashes, groups: "pd.Series[Any]") -> Hashes:
    """Keys of (id, group) pairs."""
    out = keys ^ hashes(groups)
    _mix(out)
    return out


def present(columns: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Rows with a finite number in every column."""
    masks = iter(columns.values())
    complete = np.isfinite(next(masks))
    for values in masks:
        complete &= np.isfinite(values)
    return np.asarray(complete)


def _hash(offsets: npt.NDArray[np.int64], data: Bytes) -> Hashes:
    """Hash the cells eight bytes at a time; bytes after a cell's end are masked out."""
    starts, lengths = offsets[:-1], np.diff(offsets)
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    shortest, longest = int(lengths.min()), int(lengths.max())
    if shortest == longest:
        views = (np.ndarray(len(lengths), "<u8", padded.data, at, (longest,)) for at in range(0, longest, 8))
        out = np.full(len(lengths), longest, np.uint64)
        for at, word in zip(range(0, longest, 8), views, strict=True):
            out *= ODD
            out ^= word & (ALL >> np.uint64(64 - 8 * min(longest - at, 8)))
        _mix(out)
        return out
    words = np.ndarray(len(padded) - 7, "<u8", padded.data, 0, (1,))
    out = lengths.astype(np.uint64)
    for at in range(0, longest, 8):
        rows = slice(None) if at < shortest else np.flatnonzero(lengths > at)
        bytes_left = np.minimum(lengths[rows] - at, 8).astype(np.uint64)
        word = words[starts[rows] + at] & (ALL >> (np.uint64(64) - bytes_left * np.uint64(8)))
        out[rows] = (out[rows] * ODD) ^ word
    _mix(out)
    return out


def _mix(values: Hashes) -> None:
    values *= ODD
    values ^= values >> SHIFT
    values *= ODD
    values ^= values >> SHIFT
