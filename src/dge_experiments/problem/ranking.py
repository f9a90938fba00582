"""Genes ordered by one statistic, as biologists do by eye: the baseline of a question about replication."""

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from dge_experiments.studies.shrinkage import Prior, chance, prior_of, standard_errors
from dge_experiments.tables import CANONICAL

Scores = npt.NDArray[np.float64]

SMALLEST = 1e-300
SLOPE = 1e-6
COMBINED: Mapping[str, tuple[str, ...]] = {
    "ranks_added": ("logFC", "P.Value"),
    "product": ("logFC", "P.Value"),
    "expected": ("logFC", "P.Value"),
}
NAMES = (*CANONICAL, *COMBINED)


class RankingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Orders genes by one statistic of the table, and learns only the share of class 1 at each of its values.

    Parameters
    ----------
    by : a column (the size of logFC and t; P values from the smallest, others from the largest); ``ranks_added``,
        of abs(logFC) and P.Value; ``product``, abs(logFC) times -log10 P; or ``expected``, the chance to replicate
        estimated from the table alone (``studies.shrinkage.chance``)
    columns : names of the columns of an array given to ``fit``; a data frame has its own

    Attributes
    ----------
    classes_ : shape (2,)
    intercept_, slope_ : of the logistic curve through the standardised statistic; the slope is above 0, so that
        probabilities keep the order

    Notes
    -----
    It reads unscaled statistics: no scaler may come before it.
    """

    def __init__(self, by: str = "logFC", columns: tuple[str, ...] = ()) -> None:
        self.by = by
        self.columns = columns

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns it reads."""
        return COMBINED.get(self.by, (self.by,))

    def fit(self, X: Any, y: npt.ArrayLike) -> Self:
        """Learn from genes (rows of ``X``) of two classes.

        Raises
        ------
        ValueError
            no such ranking, a column it needs is missing, or not two classes
        """
        if self.by not in NAMES:
            raise ValueError(f"by={self.by!r}: no such ranking (there are {', '.join(NAMES)})")
        frame, answer = self._frame(X), np.asarray(y)
        self.classes_ = np.unique(answer)
        if len(self.classes_) != 2:
            raise ValueError(f"a ranking answers questions with two answers, not {len(self.classes_)}")
        self.n_features_in_ = np.asarray(X).shape[1]
        self.reference_ = _reference(frame) if self.by == "ranks_added" else np.empty((0, 2))
        if self.by == "expected":
            se = standard_errors(frame)
            prior = prior_of(frame["logFC"], se)
            self.scales_, self.weights_, self.second_se_ = prior.scales, prior.weights, float(np.median(se))
        statistic = self._statistic(frame)
        self.centre_, self.spread_ = float(statistic.mean()), float(statistic.std()) or 1.0
        standard = (statistic - self.centre_) / self.spread_
        curve = LogisticRegression(C=1e6).fit(standard[:, None], answer == self.classes_[1])
        self.slope_, self.intercept_ = float(curve.coef_[0, 0]), float(curve.intercept_[0])
        if (
            self.slope_ < SLOPE
        ):  # the order is wrong in this table: predict the prevalence, and keep the order
            self.slope_ = SLOPE
            self.intercept_ = float(logit(np.mean(answer == self.classes_[1])))
        return self

    def decision_function(self, X: Any) -> Scores:
        """Log odds of class 1, shape (genes,)."""
        standard = (self._statistic(self._frame(X)) - self.centre_) / self.spread_
        return np.asarray(self.intercept_ + self.slope_ * standard)

    def predict_proba(self, X: Any) -> Scores:
        """Shape (genes, 2)."""
        probability = expit(self.decision_function(X))
        return np.column_stack([1 - probability, probability])

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The more probable class of each gene."""
        return np.asarray(self.classes_[(self.decision_function(X) > 0).astype(int)])

    def _frame(self, X: Any) -> pd.DataFrame:
        if isinstance(X, pd.DataFrame):
            frame = X
        elif len(self.columns) == np.shape(X)[1]:
            frame = pd.DataFrame(np.asarray(X), columns=list(self.columns))
        else:
            raise ValueError(f"the array has {np.shape(X)[1]} columns and {len(self.columns)} are named")
        missing = [column for column in self.needed if column not in frame]
        if missing:
            raise ValueError(f"by={self.by}: no column {', '.join(missing)}")
        return frame

    def _statistic(self, frame: pd.DataFrame) -> Scores:
        """The statistic that genes are ordered by, on an unbounded scale."""
        if self.by == "ranks_added":
            sizes = [np.abs(frame["logFC"].to_numpy()), -frame["P.Value"].to_numpy()]
            ranks = [_rank(v, ordered) for v, ordered in zip(sizes, self.reference_.T, strict=True)]
            return np.asarray(np.sum(ranks, axis=0))
        if self.by == "product":
            return np.asarray(np.sqrt(np.abs(frame["logFC"].to_numpy()) * -_log10(frame["P.Value"])))
        if self.by == "expected":
            prior = Prior(self.scales_, self.weights_)
            p = chance(frame["logFC"], standard_errors(frame), prior, self.second_se_)
            return np.asarray(logit(np.clip(p, SMALLEST, 1 - 1e-15)))
        return _SIZE.get(self.by, _as_it_is)(frame[self.by])


def _as_it_is(values: pd.Series) -> Scores:
    return values.to_numpy(np.float64)


def _log10(values: pd.Series) -> Scores:
    return np.asarray(np.log10(np.clip(values.to_numpy(np.float64), SMALLEST, 1)))


def _size(values: pd.Series) -> Scores:
    """The root of the size, so that the largest values do not dominate the curve."""
    return np.asarray(np.sqrt(np.abs(values.to_numpy(np.float64))))


def _quantile(values: pd.Series) -> Scores:
    """The normal quantile of a P value: large where P is small."""
    return np.asarray(norm.isf(np.clip(values.to_numpy(np.float64), SMALLEST, 1 - 1e-16) / 2))


_SIZE: Mapping[str, Callable[[pd.Series], Scores]] = {
    "logFC": _size,
    "t": _size,
    "P.Value": _quantile,
    "adj.P.Val": _quantile,
}


def _reference(frame: pd.DataFrame) -> Scores:
    """The sorted values that ranks are read from: abs(logFC) and -P, shape (genes, 2)."""
    values = [np.abs(frame["logFC"].to_numpy(np.float64)), -frame["P.Value"].to_numpy(np.float64)]
    return np.sort(np.column_stack(values), axis=0)


def _rank(values: Scores, ordered: Scores) -> Scores:
    """The share of reference values below, ties counted half, from 0 to 1."""
    below, above = np.searchsorted(ordered, values), np.searchsorted(ordered, values, side="right")
    return np.asarray((below + above) / (2 * len(ordered)))
