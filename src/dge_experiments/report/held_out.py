"""The held-out genes as tables: curves, and the part and fold of each gene."""

import numpy as np
import pandas as pd

from dge_experiments.evaluation import curves
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import Problem


def roc(experiment: Result) -> pd.DataFrame:
    """Points of the ROC curves: as ``curves.roc`` gives them, with a column ``reading``."""
    y, classes = experiment.given.test.y, experiment.plan.problem.labels.classes
    return pd.concat(
        curves.roc(y, test.prediction.ranking, classes).assign(reading=reading)
        for reading, test in experiment.tests.items()
    )


def precision_recall(experiment: Result) -> pd.DataFrame:
    """Points of the precision-recall curves: as ``curves.precision_recall`` gives them, with a column ``reading``."""
    y, classes = experiment.given.test.y, experiment.plan.problem.labels.classes
    return pd.concat(
        curves.precision_recall(y, test.prediction.ranking, classes).assign(reading=reading)
        for reading, test in experiment.tests.items()
    )


def membership(problem: Problem) -> pd.DataFrame:
    """Rows are genes, in the table's order: ``gene``, ``part`` ("train", "test", or "left out" of a sample of the
    training part), ``fold`` (the search's fold that scores the gene, from 1; missing where none does)."""
    part = np.full(len(problem.X), "left out", dtype=object)
    part[problem.split.train] = "train"
    part[problem.split.test] = "test"
    fold = pd.array([pd.NA] * len(part), dtype="Int64")
    for number, (_, score_on) in enumerate(problem.split.folds, 1):
        fold[score_on] = number
    return pd.DataFrame({"gene": problem.table.frame["gene"].to_numpy(), "part": part, "fold": fold})
