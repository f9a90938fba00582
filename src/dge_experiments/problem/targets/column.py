"""The classes that a column of the table names."""

from collections.abc import Sequence

from dge_experiments.errors import BadInput
from dge_experiments.problem.labels import Labels, Rule, of_names
from dge_experiments.settings.schema import Target
from dge_experiments.tables import Table


def make(target: Target, others: Sequence[Table]) -> Rule:
    """See `by_column`; it needs ``target.column``."""
    column = target.column
    if not column:
        raise BadInput("target.column: target=column needs a header; add target.column=NAME")
    return lambda table: by_column(table, column, target.positive)


def by_column(table: Table, column: str, positive: str | None = None) -> Labels:
    """The classes that a column of the table names, ``positive`` last; blank cells are not labelled."""
    if column not in table.extra:
        raise BadInput(f"target.column={column}: {table.path} has no such column to label genes by")
    defined_by = tuple(c for c, header in table.columns.items() if header == column)
    return of_names(table.extra[column], positive, defined_by, f"the column {column!r}")
