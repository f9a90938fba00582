"""A target of one's own: a function that names the class of each gene, from the columns that it says it reads."""

from typing import Any

import pandas as pd

from dge_experiments.errors import BadInput, first_line
from dge_experiments.problem.labels import Labels, Rule, needed, of_names
from dge_experiments.settings.schema import Target
from dge_experiments.settings.trusted import named
from dge_experiments.tables import Table
from dge_experiments.tables.filter import typed


def make(asked: Target) -> Rule:
    """The rule that calls ``target.rule`` with the columns ``target.reads``, a frame whose rows are genes; it answers
    with the names of their classes, shape (genes,), blank where a gene has none.

    It is given no other columns, so that the leak audit knows all that defines the label.

    Raises
    ------
    BadInput
        a function outside the trusted packages (``target.trusted``), no columns
    """
    kind = "the dotted name of a function, such as mine.strong"
    function = named("target.rule", asked.rule, asked.trusted, "target.trusted", kind)
    if not callable(function):
        raise BadInput(f"target.rule={asked.rule}: is no function")
    if not asked.reads:
        raise BadInput(
            f"target.reads: name the columns that {asked.rule} reads: target.reads=[logFC,adj.P.Val]"
        )
    text = f"{asked.rule}({', '.join(asked.reads)})"

    def rule(table: Table) -> Labels:
        given = pd.DataFrame({name: _column(table, name, asked.name) for name in asked.reads})
        try:
            names = pd.Series(function(given))
        except Exception as error:  # a person's code raises what it likes
            raise BadInput(
                f"target.rule={asked.rule}: raises for {table.path} ({first_line(error)})"
            ) from None
        if len(names) != len(given):
            raise BadInput(f"target.rule={asked.rule}: gives {len(names):,} classes for {len(given):,} genes")
        return of_names(names.reset_index(drop=True), asked.positive, tuple(asked.reads), text)

    return rule


def _column(table: Table, name: str, target: str) -> "pd.Series[Any]":
    return typed(table.extra[name]) if name in table.extra else needed(table, name, target)
