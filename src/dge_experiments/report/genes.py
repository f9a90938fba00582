"""The genes that the report shows: which are marked, which are drawn, which are listed."""

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
    frame : rows are genes, in the table's order: ``gene``, ``class``, ``marked`` ("", "misclassified" or "top
        score"), ``score``, ``called`` (of held-out genes, else nan and ""), and the table's statistics
    drawn : positions of the rows to draw, ascending
    note : how many are drawn, where it is not all
    """

    frame: pd.DataFrame
    drawn: np.ndarray
    note: str

    @property
    def numbers(self) -> list[str]:
        """Columns of ``frame`` that say something of a gene in numbers: the table's, and the model's score."""
        numeric = self.frame.select_dtypes("number").columns
        return [*(str(c) for c in numeric if c != "score"), "score"]


def genes(problem: Problem, test: HeldOut, seed: int, most: int = MOST_POINTS) -> Genes:
    """Mark the held-out genes that were misclassified, and the ``TOP`` with the highest score.

    The score is the model's for the second of two classes (top are genes called so), or the highest over more
    classes. Above ``most`` genes a random sample is drawn, the marked ones always.
    """
    held, said = problem.split.test, test.prediction
    names = np.asarray(problem.labels.classes, dtype=object)
    y = problem.labels.y
    score = np.full(len(y), np.nan)
    score[held] = said.ranking if said.ranking.ndim == 1 else said.ranking.max(axis=1)
    called = np.full(len(y), "", dtype=object)
    called[held] = names[said.predicted]
    marked = np.full(len(y), "", dtype=object)
    surest = held[np.argsort(-score[held], kind="stable")]
    if said.ranking.ndim == 1:
        surest = surest[called[surest] == names[1]]
    marked[surest[:TOP]] = "top score"
    marked[held[said.predicted != y[held]]] = "misclassified"
    frame = problem.table.frame.assign(
        **{"class": names[y], "marked": marked, "score": score, "called": called}
    )
    drawn, note = np.arange(len(y)), ""
    if len(y) > most:
        order = np.random.default_rng(seed).permutation(len(y))
        order = order[np.argsort(marked[order] == "", kind="stable")]
        drawn = np.sort(order[:most])
        note = f"Thinned to a random {most:,} of {len(y):,} genes; the marked ones are all there."
    return Genes(frame, drawn, note)


def listed(frame: pd.DataFrame, mark: str, most: int = 50) -> pd.DataFrame:
    """The genes marked ``mark`` (at most ``most``, highest score first), for a table."""
    columns = ["gene", "class", "called", "score"]
    statistics = [c for c in frame.columns if c not in (*columns, "marked")]
    mine = frame[frame["marked"] == mark].sort_values("score", ascending=False, kind="stable")
    shown = mine.head(most)[[*columns, *statistics]]
    return shown.rename(columns={"class": "truly"}).reset_index(drop=True)
