"""The column of gene ids: by its name, and by values that are complete, unique and similar to gene ids."""

import re
from collections.abc import Sequence

import numpy as np

from dge_experiments.tables.headers.columns import Columns

ROW = (
    "",
    "Unnamed: 0",
    "...1",
    "X",
    "rn",
    "Row.names",
    "rowname",
    "rownames",
    "index",
    "row",
    "rows",
    "no",
    "nr",
)
ACCESSION = re.compile(
    r"(ENS[A-Z]{0,4}[GTPE]\d{11}(\.\d+)?|[NX][MRP]_\d+(\.\d+)?|FBgn\d{7}|WBGene\d{8}|AT[1-5CM]G\d{5}(\.\d+)?|MGI:\d+"
    r"|Y[A-P][LR]\d{3}[WC](-[A-Z])?|LOC\d+|[OPQ]\d[A-Z0-9]{3}\d(-\d+)?|[A-NR-Z]\d([A-Z][A-Z0-9]{2}\d){1,2}(-\d+)?"
    r"|\d+(_[a-z])*_at|A_\d+_P\d+|ILMN_\d+|cg\d{8}|hsa-[a-z]+-\S+|[A-Z][A-Z0-9]{1,9}(-[A-Z0-9]+)?|[A-Z][a-z0-9]{1,9})"
)
COMPLETE, GAPS = (
    0.98,
    0.9,
)  # share of the rows with an id: at least this in a better column, at least this in any
UNIQUE, TWICE = 0.9, 0.5
GENE_LIKE = 0.8
LONGEST = 40  # characters of a typical id


def identifier(columns: Columns, names: Sequence[str], assigned: frozenset[int]) -> int | None:
    """The column of gene ids, or None.

    The first column that matches a name, unless its values are row numbers or measurements, or have many blanks or
    repeats that another named column does not have. Otherwise a column of unique text, gene-like ones first.
    """
    named = [
        i for i in _named(columns, names, assigned) if not _counts(columns, i) and not _measures(columns, i)
    ]
    ids = [i for i in named if not _row_numbers(columns, i)]
    best = _better(columns, ids) if ids else None
    if best is not None and _complete(columns, best) >= GAPS:
        return best
    free = [i for i in range(len(columns)) if i not in assigned and not columns.numeric(i)]
    unnamed = _unique(columns, free)
    if best is not None and (unnamed is None or _complete(columns, unnamed) < COMPLETE):
        return best
    if unnamed is not None:
        return unnamed
    if named:
        return named[0]
    return 0 if 0 in free and columns.text(0).nunique() > TWICE * max(1, columns.rows) else None


def _named(columns: Columns, names: Sequence[str], assigned: frozenset[int]) -> list[int]:
    return list(dict.fromkeys(i for name in names for i in columns.find((name,), "id", assigned)))


def _better(columns: Columns, ids: list[int]) -> int:
    """The first column, or a later one with the ids that the first lacks."""
    first = ids[0]
    for other in ids[1:]:
        gaps = _complete(columns, first) < GAPS and _complete(columns, other) >= COMPLETE
        repeats = _distinct(columns, first) < TWICE <= _distinct(columns, other)
        if gaps and _distinct(columns, other) >= _distinct(columns, first):
            return other
        if repeats and _accessions(columns, other) and not _accessions(columns, first):
            return other
    return first


def _unique(columns: Columns, free: list[int]) -> int | None:
    """A column of unique text without a known name: gene-like ones first, then the first of equal ones."""
    fitting = [
        i
        for i in free
        if _complete(columns, i) >= GAPS
        and _distinct(columns, i) >= UNIQUE
        and columns.present(i).str.len().median() <= LONGEST
        and (i == 0 or columns.present(i).str.contains(" ").mean() < TWICE)
    ]
    fitting += [
        i for i in free if i not in fitting and _accessions(columns, i) and _complete(columns, i) >= GAPS
    ]
    return max(fitting, key=lambda i: (_gene_like(columns, i) >= GENE_LIKE, -i), default=None)


def _complete(columns: Columns, i: int) -> float:
    return len(columns.present(i)) / max(1, columns.rows)


def _distinct(columns: Columns, i: int) -> float:
    present = columns.present(i)
    return present.nunique() / max(1, len(present))


def _gene_like(columns: Columns, i: int) -> float:
    present = columns.present(i).head(200)
    return (
        float(np.mean([ACCESSION.fullmatch(cell) is not None for cell in present])) if len(present) else 0.0
    )


def _accessions(columns: Columns, i: int) -> bool:
    """Whether the cells are accessions with digits, unlike words and symbols of groups."""
    present = columns.present(i).head(200)
    return _gene_like(columns, i) >= GENE_LIKE and bool(present.str.contains(r"\d{4}").mean() >= GENE_LIKE)


def _counts(columns: Columns, i: int) -> bool:
    """Whether the cells are 1, 2, 3, ... or 0, 1, 2, ..."""
    if not columns.numeric(i):
        return False
    values = columns.values(i)
    return len(values) > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def _row_numbers(columns: Columns, i: int) -> bool:
    """Whether the column holds numbers under a header that means no more than "row"."""
    return columns.numeric(i) and i in columns.called(ROW)


def _measures(columns: Columns, i: int) -> bool:
    """Whether the cells are fractional numbers (or all missing): no ids."""
    if not columns.numeric(i):
        return False
    values = columns.values(i)
    return bool((values != np.round(values)).any()) or not len(values)
