"""Further tables that a refitted model is scored on, labelled by the same rule."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.held_out import HeldOut, held_out, majority
from dge_experiments.problem.labels import Rule
from dge_experiments.problem.problem import Problem, labelled
from dge_experiments.tables import Table


@dataclass(frozen=True)
class External:
    """Attributes
    ----------
    name : the table's
    X, y : shape (genes, features) and (genes,): the problem's features and class codes in this table
    """

    name: str
    X: pd.DataFrame
    y: npt.NDArray[np.int64]

    def score(self, model: BaseEstimator, problem: Problem, scoring: str, seed: int) -> HeldOut:
        """Score ``model`` on this table, with the constant answer of the problem's training part."""
        train = problem.split.train
        constant = majority(problem.labels.y[train])
        return held_out(model, constant, self.X, self.y, problem.labels.classes, scoring=scoring, seed=seed)


def external(table: Table, rule: Rule, problem: Problem) -> External:
    """``table`` labelled by ``rule``, with the features of ``problem``.

    Raises
    ------
    BadInput
        a feature is missing, or the classes are not the problem's
    """
    table, labels = labelled(table, rule(table))
    missing = [column for column in problem.X.columns if column not in table.features]
    if missing:
        raise BadInput(
            f"evaluation.external: {table.path} has no {', '.join(missing)} (it has {', '.join(table.features)}); "
            "choose features that both tables have: features=list features.columns=[...]"
        )
    if labels.classes != problem.labels.classes:
        raise BadInput(
            f"evaluation.external: {table.path} has the classes {', '.join(labels.classes)}, "
            f"not {', '.join(problem.labels.classes)}"
        )
    return External(table.name, table.frame[list(problem.X.columns)], labels.y)
