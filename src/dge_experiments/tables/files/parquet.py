"""Parquet files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dge_experiments.errors import BadInput
from dge_experiments.tables.files import numbers
from dge_experiments.tables.files.layout import Layout, Loaded
from dge_experiments.tables.files.numbers import Floats

SAMPLE_ROWS = 10_000
INDEX = "__index_level_0__"
MAGIC = b"PAR1"


@dataclass(frozen=True)
class Parquet:
    """A Parquet file; satisfies `Source`."""

    layout: Layout
    names: tuple[str, ...]

    def load(self, numeric: Sequence[int], text: Sequence[int]) -> Loaded:
        with _open(self.layout.file) as file:
            texts = {i: _text(file.read(columns=[self.names[i]]).column(0)) for i in text}
        return Loaded(texts, self._numbers(numeric))

    def _numbers(self, numeric: Sequence[int]) -> Iterator[tuple[int, "Floats | pd.Series[Any]"]]:
        with _open(self.layout.file) as file:
            for i in numeric:
                column = file.read(columns=[self.names[i]]).column(0)
                if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
                    yield i, np.asarray(column.to_numpy(), dtype="float64")
                else:
                    yield i, _text(column)


def is_parquet(file: Path) -> bool:
    """Whether a file begins as Parquet files do, and is no text whose first gene is PAR1."""
    with file.open("rb") as opened:
        start = opened.read(4096)
    return start.startswith(MAGIC) and not (start.isascii() and b"\0" not in start and b"\n" in start)


def open_parquet(file: Path) -> Parquet:
    """Schema and first rows of a Parquet file; an unnamed pandas index is the unnamed column.

    Raises
    ------
    BadInput
        the file is damaged, or has no rows or no flat columns
    """
    with _open(file) as opened:
        schema = opened.schema_arrow
        nested = {field.name for field in schema if pa.types.is_nested(field.type)}
        names = [name for name in schema.names if name not in nested]
        names.sort(key=lambda name: name != INDEX)
        if not names or len(set(names)) < len(names) or not opened.metadata.num_rows:
            raise BadInput(
                f"{file}: no rows, or no columns with distinct names; a DGE table has one row per gene"
            )
        first = next(opened.iter_batches(batch_size=SAMPLE_ROWS, columns=names))
    table = pa.Table.from_batches([first])
    sample = pd.DataFrame({i: _text(table.column(name)) for i, name in enumerate(names)}, dtype=str)
    layout = Layout(
        file=file,
        format="parquet",
        delimiter=None,
        encoding=None,
        headers=tuple("" if name == INDEX else name.strip() for name in names),
        first_line=1,
        sample=sample,
        decimal=numbers.decimal(np.ravel(sample.head(200).to_numpy())),
    )
    return Parquet(layout, tuple(names))


def _text(column: Any) -> "pd.Series[Any]":
    cells = column.to_pandas().astype(object)
    texts: pd.Series[Any] = cells.where(cells.notna(), "").astype(str).reset_index(drop=True)
    return texts


def _open(file: Path) -> Any:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        why = " ".join(str(error).split())[:80]
        raise BadInput(f"{file}: not a readable Parquet file ({why}); write it again") from None
