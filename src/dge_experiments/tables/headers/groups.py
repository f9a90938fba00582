"""The group column of a long table where no name tells it: the column that makes the rows of a gene unique."""

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
REPEATED = 0.2  # share of rows with the id of an earlier row, from which a table may be long


def candidates(columns: Columns, assigned: frozenset[int]) -> list[int]:
    """Columns of text with few words in the sample that are not named like ids."""
    assigned |= frozenset(columns.called(IDS))
    free = (i for i in range(len(columns)) if i not in assigned and not columns.numeric(i))
    return [i for i in free if 1 <= columns.levels(i) <= MOST_LEVELS]


def telling(ids: "pd.Series[Any]", texts: "Mapping[int, pd.Series[Any]]") -> int | None:
    """The first column of 2 to 50 words, other than up and down, whose pairs with the ids are unique; or None."""
    has_id = ids != ""
    for i, cells in texts.items():
        levels = cells.drop_duplicates()
        if not 2 <= len(levels) <= MOST_LEVELS or units.directions(levels) is not None:
            continue
        if not pd.DataFrame({"id": ids[has_id], "group": cells[has_id]}).duplicated().any():
            return i
    return None
