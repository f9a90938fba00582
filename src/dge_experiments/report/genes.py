"""The genes that the report shows: which ones are marked, drawn and listed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.problem.problem import Problem

MOST_POINTS = 20_000
TOP = 15


@dataclass(frozen=True)
class Genes:
    """Attributes
    ----------
    frame : rows are the genes to draw, in the table's order and by their positions in it (index): ``gene``, ``class``,
        ``marked`` ("", "misclassified" or "top score"), ``score``, ``predicted`` (of held-out genes, else nan and ""),
        and the table's statistics
    note : how many are drawn, where not all are
    """

    frame: pd.DataFrame
    note: str

    @property
    def numbers(self) -> list[str]:
        """The numeric columns of ``frame``: the table's, and the model's score."""
        numeric = self.frame.select_dtypes("number").columns
        return [*(str(c) for c in numeric if c != "score"), "score"]


def genes(problem: Problem, test: HeldOut, seed: int, most: int = MOST_POINTS) -> Genes:
    """Mark the held-out genes that were misclassified, and the ``TOP`` with the highest score.

    The score is the model's for the second of two classes (the top genes are predicted to be of this class), or the
    highest over more classes. Above ``most`` genes a random sample is drawn, the marked ones first.
    """
    test_rows, prediction, y = problem.split.test, test.prediction, problem.labels.y
    names = np.asarray(problem.labels.classes, dtype=object)
    score = prediction.ranking if prediction.ranking.ndim == 1 else prediction.ranking.max(axis=1)
    surest = np.argsort(-score, kind="stable")
    top = surest if prediction.ranking.ndim > 1 else surest[prediction.predicted[surest] == 1]
    marks = np.full(len(test_rows), "", dtype=object)
    marks[top[:TOP]] = "top score"
    marks[prediction.predicted != y[test_rows]] = "misclassified"
    rows, note = np.arange(len(y)), ""
    if len(y) > most:
        chosen = np.zeros(len(y), bool)
        chosen[test_rows[surest[marks[surest] != ""][:most]]] = True
        unmarked = np.flatnonzero(~chosen)
        sample = np.random.default_rng(seed).choice(unmarked, most - chosen.sum(), replace=False)
        rows = np.sort(np.append(np.flatnonzero(chosen), sample))
        note = f"Drawn: a random {most:,} of {len(y):,} genes, with as many of the marked ones as fit."
    position = np.full(len(y), -1, np.int32)
    position[test_rows] = np.arange(len(test_rows))
    position = position[rows]
    columns = {
        "class": names[y[rows]],
        "marked": np.where(position < 0, "", marks[position]),
        "score": np.where(position < 0, np.nan, score[position]),
        "predicted": np.where(position < 0, "", names[prediction.predicted[position]]),
    }
    return Genes(problem.table.frame.iloc[rows].assign(**columns), note)


def listed(frame: pd.DataFrame, mark: str, most: int = 50) -> pd.DataFrame:
    """The genes marked ``mark`` (at most ``most``, highest score first), for a table."""
    columns = ["gene", "class", "predicted", "score"]
    statistics = [c for c in frame.columns if c not in (*columns, "marked")]
    chosen = frame[frame["marked"] == mark].sort_values("score", ascending=False, kind="stable")
    listing = chosen.head(most)[[*columns, *statistics]]
    return listing.rename(columns={"class": "true class"}).reset_index(drop=True)
