"""Rows that stay together in a split, and rows that are held out by value: those of a gene, a group, a chromosome."""

import logging
from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.problem.split import Named
from dge_experiments.tables import Table

log = logging.getLogger(__name__)
AUTO, GENE, GROUP = "auto", "gene", "group"
NO_COLUMN = (AUTO, GENE, GROUP)  # values of ``split.by`` that are not the name of a column
Codes = npt.NDArray[np.intp]
SHOWN = 20  # values that a message lists


def codes(table: Table, by: str | None) -> Codes | None:
    """Codes of the rows that stay together, shape (genes,); None where every row is dealt alone.

    ``auto`` keeps the rows of a gene together where ids repeat. A row without a value is its own group.

    Raises
    ------
    BadInput
        the table has no such column
    """
    if by is None or (by == AUTO and table.genes == len(table.frame)):
        return None
    return _codes(_values(table, GENE if by == AUTO else by))


def named(table: Table, by: str | None, test_values: Sequence[str]) -> Named:
    """Hold out the rows with one of ``test_values`` in the column ``by``; numbers may be written in another way.

    Raises
    ------
    BadInput
        no such column, or a value that no row has
    """
    if by is None or by == AUTO:
        raise BadInput(f"split.test: needs the column that has these values: split.by=COLUMN (it is {by})")
    values = _values(table, by)
    present = list(dict.fromkeys(values[values != ""]))
    plain_values = [_plain(test_value) for test_value in test_values]
    for test_value, value in zip(test_values, plain_values, strict=True):
        if value not in present:
            near = get_close_matches(value, present, n=3, cutoff=0.4)
            more = ", ..." if len(present) > SHOWN else ""
            choices = (
                f"nearest are {', '.join(near)}" if near else f"there are {', '.join(present[:SHOWN])}{more}"
            )
            raise BadInput(
                f"split.test: no row of {table.path} has {test_value!r} in the column {by!r} ({choices})"
            )
    if blank := int((values == "").sum()):
        log.warning("split.test: %s rows without a value in %r are trained on", f"{blank:,}", by)
    return Named(by, tuple(test_values), _codes(values), values.isin(plain_values).to_numpy(dtype=bool))


def _codes(values: "pd.Series[str]") -> Codes:
    row_names = pd.Series([f"row {i}" for i in range(len(values))], index=values.index)
    return values.where(values != "", row_names).factorize()[0].astype(np.intp)


def _values(table: Table, by: str) -> "pd.Series[str]":
    """The column as text, numbers in their shortest form, missing values as ""."""
    if by in table.frame:
        return table.frame[by].map(_plain)
    if by in table.extra:
        return table.extra[by].map(_plain)
    has = f"has no column {by!r}" if by != GROUP else "has no groups"
    raise BadInput(f"split.by={by}: {table.path} {has}; use gene, auto or null, or a column of the file")


def _plain(value: object) -> str:
    """``21``, `` 21`` and ``21.0`` are one value; text is itself."""
    text = str(value).strip()
    try:
        return f"{float(text):g}" if np.isfinite(float(text)) else ""
    except ValueError:
        return "" if text in ("NA", "") else text
