import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from dge_experiments.evaluation.nested import nested


def split(y, folds=5):
    return list(StratifiedKFold(folds, shuffle=True, random_state=0).split(np.zeros(len(y)), y))


def test_is_scikit_learns_nested_cross_validation():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 120)
    X = rng.normal(size=(120, 4)) + y[:, None]
    grid = GridSearchCV(LogisticRegression(), {"C": [0.01, 1, 100]}, scoring="roc_auc", cv=3)
    found = nested(grid, X, y, split(y), get_scorer("roc_auc"))
    expected = cross_val_score(grid, X, y, scoring="roc_auc", cv=split(y))
    np.testing.assert_allclose(found.folds["outer"], expected)
    assert found.score == pytest.approx(expected.mean())
    assert found.optimism == pytest.approx(found.folds["inner"].mean() - expected.mean())


class BestColumn(ClassifierMixin, BaseEstimator):
    """The best of many models of one column each."""

    def fit(self, X, y):
        tried = [
            (cross_val_score(KNeighborsClassifier(5), X[:, [column]], y, cv=3).mean(), column)
            for column in range(X.shape[1])
        ]
        self.best_score_, self.column_ = max(tried)
        self.model_ = KNeighborsClassifier(5).fit(X[:, [self.column_]], y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[:, [self.column_]])


def test_search_over_noise_is_optimistic():
    """The best of many models on noise promises more than chance, and the outer folds say so."""
    y = np.repeat([0, 1], 30)
    X = np.random.default_rng(1).normal(size=(60, 40))
    found = nested(BestColumn(), X, y, split(y, 3), get_scorer("accuracy"))
    assert found.folds["inner"].mean() > 0.6
    assert found.score == pytest.approx(0.5, abs=0.15)
    assert found.optimism > 0.05


class Promising(ClassifierMixin, BaseEstimator):
    """Promises 0.9, whatever it is."""

    def fit(self, X, y, groups=None):
        self.best_score_, self.classes_, self.groups_ = 0.9, np.unique(y), groups
        return self

    def predict(self, X):
        return np.zeros(len(X), int)


def test_arithmetic():
    outer = [(np.arange(8), np.array([8, 9])), (np.arange(2, 10), np.array([0, 1]))]
    scores = iter([0.6, 0.9])
    X, y, groups = np.zeros((10, 1)), np.tile([0, 1], 5), np.arange(10) // 2
    given = []

    def scorer(model, X, y):
        given.append(model.groups_.tolist())
        return next(scores)

    found = nested(Promising(), X, y, outer, scorer, groups)
    assert found.folds.to_dict("list") == {
        "fold": [0, 1],
        "n_train": [8, 8],
        "n_test": [2, 2],
        "inner": [0.9, 0.9],
        "outer": [0.6, 0.9],
        "optimism": pytest.approx([0.3, 0.0]),
    }
    assert (found.optimism, found.score) == pytest.approx((0.15, 0.75))
    assert found.optimism_std == pytest.approx(np.std([0.3, 0.0], ddof=1))
    assert given == [[0, 0, 1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3, 4, 4]]


def test_an_outer_fold_that_fails_is_an_error_and_not_a_missing_score():
    def scorer(model, X, y):
        raise ZeroDivisionError("no score")

    y = np.tile([0, 1], 10)
    with pytest.raises(ZeroDivisionError):
        nested(Promising(), np.zeros((20, 1)), y, split(y, 2), scorer)
