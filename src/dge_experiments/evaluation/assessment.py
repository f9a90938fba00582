"""A chosen pipeline, refitted and scored: on the folds, and on the held-out part."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.held_out import HeldOut, held_out, majority
from dge_experiments.problem.dealing import Indices
from dge_experiments.problem.problem import Problem
from dge_experiments.search.compute import Workers, parallel
from dge_experiments.search.engine import Trial, evaluate
from dge_experiments.search.fold import fit_in_place, for_columns
from dge_experiments.search.task import Task


@dataclass(frozen=True)
class Assessment:
    """Attributes
    ----------
    model : what answers for new genes: the fitted pipeline, or its calibrated form
    pipeline : the fitted pipeline (StandardScaler, estimator), to be explained
    cv : the unfitted pipeline's trial on ``split.cv_folds``
    test : the model on the held-out part, beside the constant answer
    """

    model: Any
    pipeline: Pipeline
    cv: Trial
    test: HeldOut


def assess(
    pipeline: Pipeline,
    problem: Problem,
    columns: list[str],
    *,
    scoring: str,
    calibration: str,
    seed: int,
    workers: Workers,
    all_rows: bool = False,
    cv: Trial | None = None,
) -> Assessment:
    """Fit ``pipeline`` on the training part of ``problem`` with the features ``columns`` and score it.

    Parameters
    ----------
    pipeline : unfitted, with its parameters set
    scoring : the metric that was searched for
    calibration : of the probabilities, on the search's folds: ``none``, ``sigmoid`` (Platt 1999) or ``isotonic``
        (Zadrozny & Elkan 2002, doi:10.1145/775047.775151)
    all_rows : fit on all training genes where the search saw a sample (a calibration sees the sample)
    cv : its trial on ``split.cv_folds``, where the search has made it already
    """
    pipeline = for_columns(pipeline, columns)
    y, parts = problem.labels.y, problem.split
    if cv is None:
        values = problem.X[columns].to_numpy()
        with parallel(workers, values, y):
            (cv,) = evaluate(Task(pipeline, values, y, parts.cv_folds, metrics.scorer(scoring)), {0: {}})
        del values
    rows = parts.full.train if all_rows and parts.full else parts.train
    fitted = fit_in_place(clone(pipeline), _rows(problem, columns, rows), y[rows])
    model = fitted if calibration == "none" else _calibrated(pipeline, problem, columns, calibration)
    constant, test = majority(y[parts.train]), _rows(problem, columns, parts.test)
    scored = held_out(
        model,
        constant,
        test,
        y[parts.test],
        problem.labels.classes,
        scoring=scoring,
        seed=seed,
        groups=parts.test_groups,
    )
    return Assessment(model, fitted, cv, scored)


def baseline_on_folds(problem: Problem, scoring: str, *, workers: Workers) -> Trial:
    """The constant answer's trial on ``split.cv_folds``."""
    dummy = Pipeline([("dummy", majority(np.zeros(1, dtype=np.int64)))])
    y = problem.labels.y
    values = np.zeros((len(y), 1))  # it looks at no feature
    with parallel(workers, values, y):
        (trial,) = evaluate(Task(dummy, values, y, problem.split.cv_folds, metrics.scorer(scoring)), {0: {}})
    return trial


def _rows(problem: Problem, columns: list[str], rows: Indices) -> pd.DataFrame:
    """A copy of these rows and columns, and of no others."""
    values = np.empty((len(rows), len(columns)))
    for j, column in enumerate(columns):
        values[:, j] = problem.X[column].to_numpy()[rows]
    return pd.DataFrame(values, columns=columns)


def _calibrated(pipeline: Pipeline, problem: Problem, columns: list[str], method: str) -> BaseEstimator:
    """One model on the whole training part, its probabilities mapped by out-of-fold answers."""
    train = _rows(problem, columns, problem.split.train)
    position = np.full(len(problem.X), -1)
    position[problem.split.train] = np.arange(len(train))
    fold = np.full(len(train), -1)
    for k, (_, score_on) in enumerate(problem.split.folds):
        fold[position[score_on]] = k
    calibrated: BaseEstimator = CalibratedClassifierCV(
        clone(pipeline), method=method, cv=PredefinedSplit(fold), ensemble=False
    ).fit(train, problem.labels.y[problem.split.train])
    return calibrated.set_params(cv=None)  # the folds are no part of the model that is saved
