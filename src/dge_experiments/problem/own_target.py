"""The user's own target: a function that names the class of each gene, from the columns it declares."""

from typing import Any

import pandas as pd

from dge_experiments.errors import BadInput, first_line
from dge_experiments.problem.labels import Labels, Rule, needed, of_names
from dge_experiments.settings.schema import Target
from dge_experiments.settings.trusted import imported
from dge_experiments.tables import Table
from dge_experiments.tables.expression import typed


def make(target: Target) -> Rule:
    """The rule that calls the function ``target.rule`` with a frame of the columns ``target.reads``, rows are genes.

    The function returns the names of their classes, shape (genes,), blank where a gene has none.

    It gets no other columns, so that the leak audit knows everything that defines the label.

    Raises
    ------
    BadInput
        a function outside the trusted packages (``target.trusted``), no columns
    """
    kind = "the dotted name of a function, such as mine.strong"
    function = imported("target.rule", target.rule, target.trusted, "target.trusted", kind)
    if not callable(function):
        raise BadInput(f"target.rule={target.rule}: is no function")
    if not target.reads:
        raise BadInput(
            f"target.reads: name the columns that {target.rule} reads: target.reads=[logFC,adj.P.Val]"
        )
    text = f"{target.rule}({', '.join(target.reads)})"

    def rule(table: Table) -> Labels:
        columns = pd.DataFrame({name: _column(table, name, target.name) for name in target.reads})
        try:
            names = pd.Series(function(columns))
        except Exception as error:  # the user's code may raise anything
            raise BadInput(
                f"target.rule={target.rule}: raises for {table.path} ({first_line(error)})"
            ) from None
        if len(names) != len(columns):
            raise BadInput(
                f"target.rule={target.rule}: gives {len(names):,} classes for {len(columns):,} genes"
            )
        return of_names(names.reset_index(drop=True), target.positive, tuple(target.reads), text)

    return rule


def _column(table: Table, name: str, target: str) -> "pd.Series[Any]":
    return typed(table.extra[name]) if name in table.extra else needed(table, name, target)
