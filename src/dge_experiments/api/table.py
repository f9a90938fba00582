"""Tables: from a published file or a frame."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from dge_experiments.tables import Table, read


def read_table(path: str | Path, **reading: Any) -> Table:
    """Read any published table of differential expression results; rows are genes.

    ``reading`` holds the keywords of ``dge_experiments.tables.read``: ``columns``, ``dialect``, ``sheet``, ``group``,
    ``missing``, ``derive`` and others. ``bundled:NAME`` is a table that comes with the package.

    Raises
    ------
    BadInput
        the file cannot be read as such a table
    """
    return read(path, **reading)


@contextmanager
def as_file(table: pd.DataFrame) -> Iterator[Path]:
    """A frame as a temporary file, which is removed afterwards."""
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / "table.csv"
        table.to_csv(file, index=any(name is not None for name in table.index.names))
        yield file
