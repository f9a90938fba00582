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
from dge_experiments.problem.dealing import Fold, deal
from dge_experiments.problem.problem import AS_GIVEN, HONEST, Problem
from dge_experiments.search.fold import for_columns
from dge_experiments.search.prediction import predict


@dataclass(frozen=True)
class WholeSearch:
    """A search that can be repeated on other genes or other labels.

    Where some features are label sources, it runs on the others: the honest reading.

    Attributes
    ----------
    tuned : the search as an unfitted classifier
    problem : genes, labels, split
    """

    tuned: TunedClassifier
    problem: Problem

    @property
    def reading(self) -> str:
        """The honest reading, where there is one."""
        return HONEST if HONEST in self.problem.readings else AS_GIVEN

    @property
    def X(self) -> npt.NDArray[np.float64]:
        """Shape (genes, features of the reading); rows are genes, here and below in the order of the split
        (``split.order``), so that the order of the table's rows changes nothing."""
        columns = self.problem.readings[self.reading]
        return self.problem.X[columns].to_numpy(np.float64)[self.problem.split.order]

    @property
    def y(self) -> npt.NDArray[np.int64]:
        """Class codes, shape (genes,)."""
        return self.problem.labels.y[self.problem.split.order]

    @property
    def held_out(self) -> Fold:
        """Positions of the rows of the training and of the held-out part."""
        parts = self.problem.split
        place = np.empty(len(parts.order), np.intp)
        place[parts.order] = np.arange(len(parts.order))
        return place[parts.train], place[parts.test]

    @property
    def on_reading(self) -> TunedClassifier:
        """The search on the features of the reading."""
        pipeline = for_columns(self.tuned.pipeline, self.problem.readings[self.reading])
        tuned: TunedClassifier = clone(self.tuned).set_params(pipeline=pipeline)
        return tuned

    def nested(self, folds: int) -> Nested:
        """The whole search in each of ``folds`` stratified outer folds of all genes."""
        y, together = self.y, self._dealt(self.problem.split.together)
        outer = deal(np.arange(len(y)), y, together, folds, self.tuned.dealing.seed)
        return replace(nested(self.on_reading, self.X, y, outer, self._score, together), reading=self.reading)

    def null(self, permutations: int) -> Null:
        """The held-out score under shuffled labels, the search repeated for each shuffle."""
        X, parts, held_out, tuned = self.X, self.problem.split, [self.held_out], self.on_reading
        together, groups = self._dealt(parts.together), self._dealt(parts.groups)
        params: Mapping[str, Any] | None = None if together is None else {"groups": together}

        def score(labels: npt.NDArray[np.int64]) -> float:
            results = cross_validate(
                tuned, X, labels, cv=held_out, scoring=self._score, n_jobs=1, params=params, error_score="raise"
            )  # fmt: skip
            return float(results["test_score"][0])

        seed = self.tuned.dealing.seed
        null = permutation_test(score, self.y, permutations=permutations, seed=seed, groups=groups)
        return replace(null, reading=self.reading)

    def _dealt(self, codes: npt.NDArray[Any] | None) -> npt.NDArray[Any] | None:
        """Codes of the genes, in the order of the split."""
        return None if codes is None else codes[self.problem.split.order]

    def _score(self, model: Any, X: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> float:
        return metrics.REGISTRY[self.tuned.options.scoring].score(y, predict(model, X))
