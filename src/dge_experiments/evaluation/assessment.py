"""The chosen pipeline, refitted and scored: on the folds, and on the held-out part."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.adjusted import AdjustedClassifier
from dge_experiments.evaluation.adjustment import Adjustment, OutOfFold, adjustment, cross_fitted
from dge_experiments.evaluation.held_out import HeldOut, held_out, majority
from dge_experiments.problem.dealing import Indices
from dge_experiments.problem.problem import Problem
from dge_experiments.search.compute import Workers, parallel
from dge_experiments.search.engine import Trial, evaluate
from dge_experiments.search.fold import fit_in_place, for_columns
from dge_experiments.search.prediction import Keep
from dge_experiments.search.task import Task

UNTOUCHED = Adjustment("none", (), 0.5)


@dataclass(frozen=True)
class Adjusting:
    """How a model's answers are adjusted.

    Attributes
    ----------
    calibration : of the probabilities: ``none``, ``sigmoid``, ``beta``, ``isotonic`` (see ``calibrators``), or
        ``auto``: the one with the smallest log loss out of fold
    threshold : above which the second of two classes is called: a probability, or ``auto``: the best out of fold for
        the run's scoring
    """

    calibration: str
    threshold: str

    @property
    def needed(self) -> bool:
        """Whether there is anything to adjust."""
        return self.calibration != "none" or self.threshold == "auto" or float(self.threshold) != 0.5


@dataclass(frozen=True)
class Assessment:
    """Attributes
    ----------
    model : the model for new genes: the fitted pipeline, or the pipeline with its calibration and threshold
    pipeline : the fitted pipeline (StandardScaler, estimator), to be explained
    cv : the unfitted pipeline's trial on ``split.cv_folds``, adjusted as the model is: maps and threshold fitted on the
        other folds
    test : the model and the constant answer on the held-out part
    adjustment : the model's calibration and threshold
    """

    model: Any
    pipeline: Pipeline
    cv: Trial
    test: HeldOut
    adjustment: Adjustment = UNTOUCHED


def assess(
    pipeline: Pipeline,
    problem: Problem,
    columns: list[str],
    *,
    scoring: str,
    adjusting: Adjusting,
    seed: int,
    workers: Workers,
    all_rows: bool = False,
    cv: Trial | None = None,
) -> Assessment:
    """Fit ``pipeline`` on the training part of ``problem`` with the features ``columns`` and score it.

    Parameters
    ----------
    pipeline : unfitted, with its parameters set
    scoring : the metric that the search maximised
    adjusting : calibration and threshold, chosen on the out-of-fold answers of the search's folds
    all_rows : fit on all training genes where the search used a sample (the adjustment is chosen on the sample)
    cv : its trial on ``split.cv_folds``, where the search has already run it
    """
    y, parts = problem.labels.y, problem.split
    pipeline = for_columns(pipeline, columns)
    if len(problem.labels.classes) > 2:
        adjusting = replace(adjusting, threshold="0.5")  # the most probable class is called
    chosen = UNTOUCHED
    if adjusting.needed or cv is None:
        cv, inner = _on_folds(pipeline, problem, columns, scoring, adjusting, workers)
        if adjusting.needed and not inner.error and not cv.error:
            chosen, cv = _adjusted(cv, inner, problem, scoring, adjusting)
    rows = parts.full.train if all_rows and parts.full else parts.train
    fitted = fit_in_place(clone(pipeline), _rows(problem, columns, rows), y[rows])
    model = fitted
    if chosen is UNTOUCHED:
        chosen = replace(chosen, threshold=default_threshold(fitted))
    if chosen.method != "none" or chosen.threshold != default_threshold(fitted):
        model = AdjustedClassifier(fitted, chosen.method, chosen.maps, chosen.threshold)
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
    return Assessment(model, fitted, cv, scored, chosen)


def baseline_on_folds(problem: Problem, scoring: str, *, workers: Workers) -> Trial:
    """The constant answer's trial on ``split.cv_folds``."""
    dummy = Pipeline([("dummy", majority(np.zeros(1, dtype=np.int64)))])
    y = problem.labels.y
    values = np.zeros((len(y), 1))  # it looks at no feature
    with parallel(workers, values, y):
        (trial,) = evaluate(Task(dummy, values, y, problem.split.cv_folds, metrics.scorer(scoring)), {0: {}})
    return trial


def default_threshold(model: Any) -> float:
    """The model's own threshold for the second of two classes: probability 0.5, or decision value 0."""
    return 0.5 if hasattr(model, "predict_proba") else 0.0


def _rows(problem: Problem, columns: list[str], rows: Indices) -> pd.DataFrame:
    """A copy of these rows and columns only."""
    values = np.empty((len(rows), len(columns)))
    for j, column in enumerate(columns):
        values[:, j] = problem.X[column].to_numpy()[rows]
    return pd.DataFrame(values, columns=columns)


def _on_folds(
    pipeline: Pipeline,
    problem: Problem,
    columns: list[str],
    scoring: str,
    adjusting: Adjusting,
    workers: Workers,
) -> tuple[Trial, Trial]:
    """The pipeline's trial on ``split.cv_folds``; and on the search's folds, where an adjustment is chosen on them."""
    values, y, parts = problem.X[columns].to_numpy(), problem.labels.y, problem.split
    task = Task(
        pipeline,
        values,
        y,
        parts.cv_folds,
        metrics.scorer(scoring),
        keep=Keep("answer") if adjusting.needed else None,
    )
    with parallel(workers, values, y):
        (cv,) = evaluate(task, {0: {}})
        inner = cv
        if adjusting.needed and parts.cv_folds is not parts.folds:
            (inner,) = evaluate(replace(task, folds=parts.folds), {0: {}})
    return cv, inner


def _adjusted(
    cv: Trial, inner: Trial, problem: Problem, scoring: str, adjusting: Adjusting
) -> tuple[Adjustment, Trial]:
    """The adjustment chosen on the search's folds, and the trial scored with it in every fold."""
    y, parts, scored = problem.labels.y, problem.split, [score_on for _, score_on in problem.split.folds]
    rows, values = np.concatenate(scored), np.concatenate(inner.answers)
    number = np.repeat(np.arange(len(scored)), list(map(len, scored)))
    out_of_fold = OutOfFold(y[rows], values, number, "brier" in inner.folds[0])
    chosen = adjustment(out_of_fold, adjusting.calibration, adjusting.threshold, scoring)
    outer = [score_on for _, score_on in parts.cv_folds]
    predictions = cross_fitted(out_of_fold, rows, chosen, outer, cv.answers)
    folds = tuple(
        metrics.scores(y[on], prediction, scoring) for on, prediction in zip(outer, predictions, strict=True)
    )
    return chosen, replace(cv, folds=folds, answers=())
