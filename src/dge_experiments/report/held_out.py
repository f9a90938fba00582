"""The held-out genes as tables: curves, and the part and fold of each gene."""

import numpy as np
import pandas as pd

from dge_experiments.evaluation import curves
from dge_experiments.evaluation.bias_corrected import answers_to_keep
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


def out_of_fold(experiment: Result) -> pd.DataFrame:
    """What the chosen candidate said of each training gene while a fold without it was fitted, before any calibration.

    Rows are genes, fold by fold: ``gene``, ``fold`` (from 1), ``true``, and the part that the search keeps for its
    metric: ``predicted``, ``ranking`` (higher is more of the second class) or a column for each class. Above 20,000
    genes it is a sample of them; without rows where none was kept.
    """
    settings, problem, best = experiment.settings, experiment.plan.problem, experiment.study.best
    split, y, scoring = problem.split, problem.labels.y, settings.search.scoring
    if len(best.answers) != len(split.folds):
        return pd.DataFrame()
    keep = answers_to_keep(scoring, y, split, settings.seed)
    genes, classes = problem.table.frame["gene"].to_numpy(), np.array(problem.labels.classes)
    frames = []
    for number, ((_, score_on), said) in enumerate(zip(split.folds, best.answers, strict=True), 1):
        rows = keep.among(score_on)
        if keep.part == "class":
            columns = {"predicted": classes[said]}
        elif said.ndim == 1:
            columns = {keep.part: said}
        else:
            columns = {f"{keep.part}_{name}": said[:, code] for code, name in enumerate(classes)}
        frames.append(
            pd.DataFrame({"gene": genes[rows], "fold": number, "true": classes[y[rows]], **columns})
        )
    return pd.concat(frames, ignore_index=True)


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
