"""Groups of a long table whose column is not named as one: it tells the rows of one gene apart."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dge_experiments.tables import units
from dge_experiments.tables.headers.columns import Columns

MOST_LEVELS = 50
IDS = (
    "re:.*(feature|exon|gene|symbol|probe|transcript|protein|peptide|description|chr).*",
    "re:(.*_)?(id|name|strand|start|end|biotype)",
)
REPEATED = 0.2  # share of the rows whose id stood in an earlier row, from which a table may be long


def candidates(columns: Columns, taken: frozenset[int]) -> list[int]:
    """Columns of text with few words in the sample, which are not named as ids are."""
    taken |= frozenset(columns.called(IDS))
    free = (i for i in range(len(columns)) if i not in taken and not columns.numeric(i))
    return [i for i in free if 1 <= columns.levels(i) <= MOST_LEVELS]


def telling(ids: "pd.Series[Any]", texts: "Mapping[int, pd.Series[Any]]") -> int | None:
    """The first column of 2 to 50 words, not up and down, whose pairs with the ids are unique; None if none is."""
    known = ids != ""
    for i, cells in texts.items():
        levels = cells.drop_duplicates()
        if not 2 <= len(levels) <= MOST_LEVELS or units.directions(levels) is not None:
            continue
        if not pd.DataFrame({"id": ids[known], "group": cells[known]}).duplicated().any():
            return i
    return None
