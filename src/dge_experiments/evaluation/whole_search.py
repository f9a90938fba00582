"""The whole search as one procedure: in outer folds, and under shuffled labels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.model_selection import cross_validate

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.nested import Nested, nested
from dge_experiments.evaluation.permutation import Null, permutation_test
from dge_experiments.evaluation.tuned import TunedClassifier
from dge_experiments.problem.dealing import deal
from dge_experiments.problem.problem import AS_GIVEN, HONEST, Problem
from dge_experiments.search.fold import for_columns
from dge_experiments.search.prediction import predict


@dataclass(frozen=True)
class WholeSearch:
    """A search that can be made again on other genes or other labels.

    Where features are label sources and others are left, it is made on the others: the honest reading.

    Attributes
    ----------
    tuned : the search as an unfitted classifier
    problem : genes, labels, split
    """

    tuned: TunedClassifier
    problem: Problem

    @property
    def reading(self) -> str:
        """Of the problem's readings the honest one, where there is one."""
        return HONEST if HONEST in self.problem.readings else AS_GIVEN

    @property
    def X(self) -> npt.NDArray[np.float64]:
        """Shape (genes, features of the reading)."""
        return self.problem.X[self.problem.readings[self.reading]].to_numpy(np.float64)

    @property
    def on_reading(self) -> TunedClassifier:
        """The search on the features of the reading."""
        pipeline = for_columns(self.tuned.pipeline, self.problem.readings[self.reading])
        tuned: TunedClassifier = clone(self.tuned).set_params(pipeline=pipeline)
        return tuned

    def nested(self, folds: int) -> Nested:
        """The whole search in each of ``folds`` stratified outer folds of all genes."""
        y, groups, X = self.problem.labels.y, self.problem.split.together, self.X
        outer = deal(np.arange(len(y)), y, groups, folds, self.tuned.dealing.seed)
        return replace(nested(self.on_reading, X, y, outer, self._score, groups), reading=self.reading)

    def null(self, permutations: int) -> Null:
        """The held-out score under shuffled labels, the search repeated for each shuffle."""
        parts, X, tuned = self.problem.split, self.X, self.on_reading
        params: Mapping[str, Any] | None = None if parts.together is None else {"groups": parts.together}

        def score(labels: npt.NDArray[np.int64]) -> float:
            held_out = [(parts.train, parts.test)]
            done = cross_validate(
                tuned, X, labels, cv=held_out, scoring=self._score, n_jobs=1, params=params, error_score="raise"
            )  # fmt: skip
            return float(done["test_score"][0])

        seed, y = self.tuned.dealing.seed, self.problem.labels.y
        found = permutation_test(score, y, permutations=permutations, seed=seed, groups=parts.groups)
        return replace(found, reading=self.reading)

    def _score(self, model: Any, X: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> float:
        return metrics.REGISTRY[self.tuned.options.scoring].score(y, predict(model, X))
