"""The whole search as one procedure: in outer folds, and under shuffled labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.nested import Nested, nested
from dge_experiments.evaluation.permutation import Null, permutation_test
from dge_experiments.problem.problem import Problem
from dge_experiments.search import space, strategies
from dge_experiments.search.engine import configured
from dge_experiments.search.prediction import predict
from dge_experiments.search.study import search

Rows = npt.NDArray[np.int64]


class Search(Protocol):
    """What a search is made from: a strategy's name and size, and the metric it maximises."""

    name: str
    scoring: str
    models: list[str] | None
    n_trials: int | None
    timeout: float | None
    batch: int | None


@dataclass(frozen=True)
class WholeSearch:
    """Everything that is needed to tune and refit anew on other rows or other labels."""

    pipeline: Pipeline
    problem: Problem
    space: Mapping[str, Any]
    search: Search
    seed: int
    workers: int | None

    def nested(self, folds: int) -> Nested:
        """The whole search in each of ``folds`` stratified outer folds of all genes."""
        y = self.problem.labels.y
        outer = StratifiedKFold(folds, shuffle=True, random_state=self.seed).split(y, y)
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
        X, chosen = self.problem.X.to_numpy(), self.search
        dealer = StratifiedKFold(len(self.problem.split.folds), shuffle=True, random_state=self.seed)
        folds = [(rows[a], rows[b]) for a, b in dealer.split(rows, y[rows])]
        strategy = strategies.make(
            chosen.name, space.parse(self.space), chosen.n_trials, chosen.batch, self.seed
        )
        study = search(
            strategy, self.pipeline, X, y, folds, metrics.scores, chosen.scoring, workers=self.workers
        )
        model = configured(self.pipeline, study.best.candidate).fit(X[rows], y[rows])
        return model, study.best.mean(chosen.scoring)

    def _score(self, model: Pipeline, rows: Rows, y: npt.NDArray[np.int64]) -> float:
        prediction = predict(model, self.problem.X.to_numpy()[rows])
        return metrics.scores(y[rows], prediction)[self.search.scoring]
