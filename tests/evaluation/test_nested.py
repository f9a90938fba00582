import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.nested import nested


def split(y, folds=5):
    return list(StratifiedKFold(folds, shuffle=True, random_state=0).split(np.zeros(len(y)), y))


def test_is_scikit_learns_nested_cross_validation():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 120)
    X = rng.normal(size=(120, 4)) + y[:, None]
    grid = GridSearchCV(LogisticRegression(), {"C": [0.01, 1, 100]}, scoring="roc_auc", cv=3)

    def search(rows):
        fitted = grid.fit(X[rows], y[rows])
        return fitted.best_estimator_, fitted.best_score_

    found = nested(search, lambda m, rows: roc_auc_score(y[rows], m.predict_proba(X[rows])[:, 1]), split(y))
    expected = cross_val_score(grid, X, y, scoring="roc_auc", cv=split(y))
    np.testing.assert_allclose(found.folds["outer"], expected)
    assert found.score == pytest.approx(expected.mean())
    assert found.optimism == pytest.approx(found.folds["inner"].mean() - expected.mean())


def test_search_over_noise_is_optimistic():
    """The best of many models on noise promises more than chance, and the outer folds say so."""
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], 30)
    X = rng.normal(size=(60, 40))

    def search(rows):
        tried = []
        for column in range(40):
            model = KNeighborsClassifier(5)
            tried.append((cross_val_score(model, X[rows][:, [column]], y[rows], cv=3).mean(), column))
        inner, column = max(tried)
        return (KNeighborsClassifier(5).fit(X[rows][:, [column]], y[rows]), column), inner

    def score(model, rows):
        return model[0].score(X[rows][:, [model[1]]], y[rows])

    found = nested(search, score, split(y, 3))
    assert found.folds["inner"].mean() > 0.6
    assert found.score == pytest.approx(0.5, abs=0.15)
    assert found.optimism > 0.05


def test_arithmetic():
    outer = [(np.arange(8), np.array([8, 9])), (np.arange(2, 10), np.array([0, 1]))]
    scores = iter([0.6, 0.9])
    found = nested(lambda rows: ("model", 0.9), lambda model, rows: next(scores), outer)
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


def test_shared_rows_are_refused():
    with pytest.raises(BadInput, match="outer fold 0: 1 rows are in both"):
        nested(lambda rows: (None, 1.0), lambda m, rows: 1.0, [(np.array([0, 1]), np.array([1, 2]))])


def test_no_fold_is_refused():
    with pytest.raises(BadInput, match="one outer fold or more"):
        nested(lambda rows: (None, 1.0), lambda m, rows: 1.0, [])
