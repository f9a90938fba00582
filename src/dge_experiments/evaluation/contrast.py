"""What differs between two runs: settings, data, software, and scores with a paired test."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dge_experiments.evaluation.gates import on_folds, on_genes
from dge_experiments.evaluation.key import CORRECTED, Key
from dge_experiments.evaluation.metrics import compared
from dge_experiments.evaluation.run_row import COMPARABLE, RunRow

READINGS = ("", "honest")
PARTS = (CORRECTED, "cv", "test")


@dataclass(frozen=True)
class Contrast:
    """Attributes
    ----------
    first, second : the runs
    data : rows are what makes runs comparable: `what`, `first`, `second`; those that differ
    settings : the same for settings, for the parameters that the searches chose, and for the software
    scores : rows are scores that both have: `score`, `first`, `second`; the `difference`, first less second, on the
        same held-out genes (``test/``) or folds (``cv/``, ``bbc/``), with `low`, `high` (95 %) and `p_value`; nan where
        the two were scored on different ones
    """

    first: RunRow
    second: RunRow
    data: pd.DataFrame
    settings: pd.DataFrame
    scores: pd.DataFrame

    @property
    def comparable(self) -> bool:
        """Whether they answer one question on one split, so that their scores may be compared."""
        return self.data.empty


def contrast(first: RunRow, second: RunRow) -> Contrast:
    """Compare two runs."""
    about = [{name: row.about.get(name, "none") for name in COMPARABLE} for row in (first, second)]
    settings = [
        {
            "model": row.model,
            "leak": ", ".join(row.leak) or "none",
            "carries_label": ", ".join(row.graded) or "none",
            **row.settings,
            **_parameters(row, other),
        }
        for row, other in ((first, second), (second, first))
    ]
    data = _differing(*about)
    return Contrast(first, second, data, _differing(*settings), _scores(first, second, tested=data.empty))


def _parameters(row: RunRow, other: RunRow) -> dict[str, str]:
    """A run's parameters, without defaults that only its model has."""
    searched = {key.removeprefix("model.space.") for key in row.settings}
    return {
        name: value
        for name, value in row.parameters.items()
        if row.model == other.model or name in other.parameters or name.rpartition("/")[2] in searched
    }


def _differing(first: Mapping[str, str], second: Mapping[str, str]) -> pd.DataFrame:
    names = [name for name in dict.fromkeys([*first, *second]) if first.get(name) != second.get(name)]
    rows = [(name, first.get(name, ""), second.get(name, "")) for name in names]
    return pd.DataFrame(rows, columns=["what", "first", "second"])


def _scores(first: RunRow, second: RunRow, tested: bool) -> pd.DataFrame:
    rows = []
    for reading in READINGS:
        run, other = (row.as_honest if reading else row for row in (first, second))
        if reading and not (first.withheld or second.withheld):
            continue
        names = compared(Key.parse(name).metric for name in run.metrics)
        for key in (Key(metric, part) for part in PARTS for metric in dict.fromkeys(names)):
            ours, theirs = run.score(key), other.score(key)
            if ours is None or theirs is None:
                continue
            by = on_genes if key.part == "test" else on_folds
            difference = by(run, other, key) if tested else None
            test = (
                (difference.value, difference.low, difference.high, difference.p_value)
                if difference
                else (np.nan,) * 4
            )
            rows.append((str(key.read(reading)), ours, theirs, *test))
    columns = ["score", "first", "second", "difference", "low", "high", "p_value"]
    return pd.DataFrame(rows, columns=columns)
