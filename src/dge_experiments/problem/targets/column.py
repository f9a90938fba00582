"""The classes that a column of the table names."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.problem.labels import UNLABELLED, Labels, Rule
from dge_experiments.settings.schema import Target
from dge_experiments.tables import Table


def make(asked: Target, others: Sequence[Table]) -> Rule:
    """See `by_column`; it needs ``target.column``."""
    column = asked.column
    if not column:
        raise BadInput("target.column: target=column needs a header; add target.column=NAME")
    return lambda table: by_column(table, column)


def by_column(table: Table, column: str) -> Labels:
    """The classes that a column of the table names; blank cells are not labelled."""
    if column not in table.extra:
        raise BadInput(f"target.column={column}: {table.path} has no such column to label genes by")
    text = table.extra[column].fillna("").astype(str).str.strip()
    known = (text != "").to_numpy()
    codes, classes = pd.factorize(text[known], sort=True)
    y = np.full(len(text), UNLABELLED, dtype=np.int64)
    y[known] = codes
    blank = int((~known).sum())
    note = f"{blank:,} genes have no label" if blank else ""
    defined_by = tuple(c for c, header in table.columns.items() if header == column)
    return Labels(y, tuple(map(str, classes)), defined_by, f"the column {column!r}", note)
