"""Scores of ordering the genes by one statistic: the baselines of a question about replication."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation import metrics
from dge_experiments.problem.problem import Problem
from dge_experiments.problem.ranking import COMBINED, RankingClassifier
from dge_experiments.search.compute import Workers, parallel
from dge_experiments.search.engine import Trial, evaluate
from dge_experiments.search.prediction import Prediction, predict
from dge_experiments.search.task import Task

BY = ("logFC", "P.Value", *COMBINED, "AveExpr")


@dataclass(frozen=True)
class Ranked:
    """Attributes
    ----------
    by : the statistic (see ``problem.ranking.RankingClassifier``)
    cv : its trial on ``split.cv_folds``
    prediction : its answers for the held-out genes, fitted on the training part
    test : metric -> score on the held-out part
    """

    by: str
    cv: Trial
    prediction: Prediction
    test: dict[str, float]


def rankings(problem: Problem, scoring: str, *, workers: Workers) -> tuple[Ranked, ...]:
    """Every ranking that the table's columns allow, scored on the same folds and genes as a model.

    Rankings may read columns that are no features; those that read a label source are left out. Questions other than
    replication have no rankings.
    """
    if problem.labels.replication is None or len(problem.labels.classes) != 2:
        return ()
    frame = problem.table.frame[[c for c in problem.table.features if c not in problem.audit.sources]]
    columns, y, parts = tuple(map(str, frame)), problem.labels.y, problem.split
    possible = [by for by in BY if set(RankingClassifier(by).needed) <= set(columns)]
    values = frame.to_numpy(np.float64)
    ranked = []
    with parallel(workers, values, y):
        for by in possible:
            pipeline = Pipeline([("ranking", RankingClassifier(by, columns))])
            (cv,) = evaluate(Task(pipeline, values, y, parts.cv_folds, metrics.scorer(scoring)), {0: {}})
            fitted = pipeline.fit(values[parts.train], y[parts.train])
            prediction = predict(fitted, values[parts.test])
            ranked.append(Ranked(by, cv, prediction, metrics.scores(y[parts.test], prediction, scoring)))
    return tuple(ranked)


def best(candidates: Sequence[Ranked], scoring: str) -> Ranked | None:
    """The ranking with the best mean score on the folds; None where there is none."""
    return max(candidates, key=lambda ranked: ranked.cv.mean(scoring), default=None)


def frame(candidates: Sequence[Ranked]) -> pd.DataFrame:
    """Rows are rankings: `ranking`, `cv/<metric>`, `test/<metric>`."""
    rows = [
        {
            "ranking": ranked.by,
            **{f"cv/{metric}": ranked.cv.mean(metric) for metric in ranked.cv.folds[0]},
            **{f"test/{metric}": value for metric, value in ranked.test.items()},
        }
        for ranked in candidates
    ]
    return pd.DataFrame(rows)
