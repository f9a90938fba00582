"""The whole search as one procedure: in outer folds, and under shuffled labels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.nested import Nested, nested
from dge_experiments.evaluation.permutation import Null, permutation_test
from dge_experiments.problem.problem import Problem
from dge_experiments.problem.sample import stratified
from dge_experiments.problem.split import deal
from dge_experiments.search.compute import Workers
from dge_experiments.search.fold import configured
from dge_experiments.search.prediction import predict
from dge_experiments.search.strategies import Strategy
from dge_experiments.search.study import Options, search
from dge_experiments.search.task import Task

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class WholeSearch:
    """Everything that is needed to tune and refit anew on other rows or other labels.

    Attributes
    ----------
    pipeline, problem : what is tuned, on what
    strategy : makes a new strategy, one for each search
    scoring : the metric it maximises
    seed : deals the folds
    workers : where the fits run
    path : the parameter of which a shorter fit is the beginning of a longer one (see ``search.sharing``)
    racing : let losers leave before the last fold
    max_rows : more training genes than these are sampled, each class in its share
    """

    pipeline: Pipeline
    problem: Problem
    strategy: Callable[[], Strategy]
    scoring: str
    seed: int
    workers: Workers
    path: str | None = None
    racing: bool = False
    max_rows: int | None = None

    def nested(self, folds: int) -> Nested:
        """The whole search in each of ``folds`` stratified outer folds of all genes."""
        y = self.problem.labels.y
        outer = deal(np.arange(len(y)), y, self.problem.split.groups, folds, self.seed)
        return nested(
            lambda rows: self._tuned(rows, y), lambda model, rows: self._score(model, rows, y), outer
        )

    def null(self, permutations: int) -> Null:
        """The held-out score under shuffled labels, the search repeated for each shuffle."""
        parts = self.problem.split

        def score(labels: npt.NDArray[np.int64]) -> float:
            model, _ = self._tuned(parts.train, labels)
            return self._score(model, parts.test, labels)

        return permutation_test(score, self.problem.labels.y, permutations=permutations, seed=self.seed)

    def _tuned(self, rows: Rows, y: npt.NDArray[np.int64]) -> tuple[Pipeline, float]:
        X, rows = self.problem.X.to_numpy(), stratified(rows, y, self.max_rows, self.seed)
        parts = self.problem.split
        folds = deal(rows, y, parts.groups, len(parts.folds), self.seed)
        task = Task(self.pipeline, X, y, folds, metrics.scores, self.path)
        study = search(self.strategy(), task, Options(self.scoring, self.racing, workers=self.workers))
        model = configured(self.pipeline, study.best.candidate).fit(X[rows], y[rows])
        return model, study.best.mean(self.scoring)

    def _score(self, model: Pipeline, rows: Rows, y: npt.NDArray[np.int64]) -> float:
        prediction = predict(model, self.problem.X.to_numpy()[rows])
        return metrics.scores(y[rows], prediction)[self.scoring]
