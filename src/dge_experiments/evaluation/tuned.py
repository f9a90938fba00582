"""A classifier that tunes itself: the whole search as a scikit-learn estimator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if

from dge_experiments.errors import BadInput, first_line
from dge_experiments.evaluation import metrics
from dge_experiments.problem.dealing import deal
from dge_experiments.problem.sample import stratified
from dge_experiments.search.fold import configured
from dge_experiments.search.strategies import Strategy
from dge_experiments.search.study import Options, search
from dge_experiments.search.task import Task


@dataclass(frozen=True)
class Dealing:
    """How a tuned classifier deals its genes into folds.

    Attributes
    ----------
    folds : number of stratified folds
    seed : deals them, and draws the sample
    max_rows : above this number of genes a stratified sample is searched on; None: all
    """

    folds: int
    seed: int
    max_rows: int | None = None


def _answers(method: str) -> Callable[["TunedClassifier"], bool]:
    return lambda tuned: hasattr(tuned.best_estimator_, method)


class TunedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier that searches in ``fit`` and predicts with the best candidate, refitted.

    Parameters
    ----------
    pipeline : unfitted; a candidate's parameters are those of its last step
    strategy : makes a new strategy, one for each fit
    options : how the search is run
    dealing : how the genes are dealt into its folds
    path : the parameter that sets the length of a fit whose beginning is a shorter fit (see ``search.sharing``)

    Attributes
    ----------
    study_ : every trial
    best_estimator_ : the best candidate's pipeline, fitted on all genes of the search
    best_score_ : its cross-validated score
    classes_ : shape (classes,)
    """

    def __init__(
        self,
        pipeline: Pipeline,
        strategy: Callable[[], Strategy],
        options: Options,
        dealing: Dealing,
        path: str | None = None,
    ) -> None:
        self.pipeline = pipeline
        self.strategy = strategy
        self.options = options
        self.dealing = dealing
        self.path = path

    def fit(self, X: npt.ArrayLike, y: npt.NDArray[np.int64], groups: npt.NDArray[Any] | None = None) -> Self:
        """Search and refit.

        Parameters
        ----------
        X, y : shape (genes, features) and (genes,), class codes
        groups : shape (genes,): genes of one group are never on both sides of a fold

        Raises
        ------
        BadInput
            too few groups, or genes of a class, for the folds
        """
        values, dealing = np.asarray(X, dtype=np.float64), self.dealing
        rows = stratified(np.arange(len(y)), y, dealing.max_rows, dealing.seed)
        try:
            folds = deal(rows, y, groups, dealing.folds, dealing.seed)
        except ValueError as error:  # part of the genes has fewer groups than all have
            raise BadInput(f"split.folds={dealing.folds}: {first_line(error)}") from None
        task = Task(self.pipeline, values, y, folds, metrics.scorer(self.options.scoring), self.path)
        self.study_ = search(self.strategy(), task, self.options)
        best = self.study_.best
        self.best_score_ = best.mean(self.options.scoring)
        self.best_estimator_ = configured(self.pipeline, best.candidate).fit(values[rows], y[rows])
        self.classes_ = self.best_estimator_.classes_
        return self

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """The class of each gene."""
        return np.asarray(self.best_estimator_.predict(X))

    @available_if(_answers("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Shape (genes, classes)."""
        return np.asarray(self.best_estimator_.predict_proba(X))

    @available_if(_answers("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Shape (genes,) for two classes, else (genes, classes)."""
        return np.asarray(self.best_estimator_.decision_function(X))
