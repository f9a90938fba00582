"""Nested cross-validation: how optimistic a tuned cross-validation score is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.model_selection import cross_validate

from dge_experiments.problem.dealing import Fold
from dge_experiments.problem.problem import AS_GIVEN

Scorer = Callable[[Any, npt.NDArray[np.float64], npt.NDArray[np.int64]], float]


@dataclass(frozen=True)
class Nested:
    """Nested cross-validation of a whole search.

    Attributes
    ----------
    folds : one row per outer fold: `fold` (from 0), `n_train`, `n_test`, `inner` (the search's own best
        cross-validation score on the outer training part), `outer` (the refitted best on the outer test
        part), `optimism` (inner - outer)
    optimism : mean of inner - outer; positive where the tuned score is too high
    optimism_std : its standard deviation over the outer folds, nan for one fold
    score : mean outer score, the honest estimate for the search as a procedure
    reading : which of the problem's: as given, or honest, without the label sources
    """

    folds: pd.DataFrame
    optimism: float
    optimism_std: float
    score: float
    reading: str = AS_GIVEN


def nested(
    tuned: BaseEstimator,
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    outer: Sequence[Fold],
    scorer: Scorer,
    groups: npt.NDArray[Any] | None = None,
) -> Nested:
    """Run the whole search inside each outer fold: scikit-learn's ``cross_validate`` on an estimator that tunes itself.

    The outer folds run one after another; each search runs in parallel.

    Parameters
    ----------
    tuned : its ``fit`` is a search that sets ``best_score_``, as in ``TunedClassifier`` and ``GridSearchCV``
    X, y : shape (genes, features) and (genes,), class codes
    outer : pairs of row positions (search on, score on)
    scorer : a fitted estimator, genes and their classes -> the metric that the search maximised
    groups : shape (genes,), given to ``fit``; None where it takes none

    References
    ----------
    Cawley and Talbot 2010, JMLR 11:2079; Varma and Simon 2006, doi:10.1186/1471-2105-7-91
    """
    results = cross_validate(
        tuned,
        X,
        y,
        cv=outer,
        scoring=scorer,
        n_jobs=1,
        params=None if groups is None else {"groups": groups},
        return_estimator=True,
        error_score="raise",
    )
    folds = pd.DataFrame(
        {
            "fold": range(len(outer)),
            "n_train": [len(train) for train, _ in outer],
            "n_test": [len(test) for _, test in outer],
            "inner": [float(fitted.best_score_) for fitted in results["estimator"]],
            "outer": results["test_score"],
        }
    )
    optimism = folds["inner"] - folds["outer"]
    return Nested(
        folds.assign(optimism=optimism), optimism.mean(), float(optimism.std()), folds["outer"].mean()
    )
