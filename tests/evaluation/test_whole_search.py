"""The whole search again, on other rows: it respects groups, the size of a sample and its own strategy."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, permutation_test_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from dge_experiments.errors import BadInput
from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.tuned import Dealing, TunedClassifier
from dge_experiments.evaluation.whole_search import WholeSearch
from dge_experiments.problem.split import split
from dge_experiments.search.prediction import predict
from dge_experiments.search.space import parse
from dge_experiments.search.strategies import make
from dge_experiments.search.study import Options

GROUPS = np.repeat(np.arange(60), 4)
Y = np.tile([0, 0, 1, 0, 1, 0, 0, 1], 30).astype(np.int64)
FITTED: list[set[int]] = []
SCORED: list[set[int]] = []


class Witness(LogisticRegression):
    """Writes down which rows it was fitted on and which it was asked about; the first feature is the row's number."""

    def fit(self, X: Any, y: Any) -> Any:
        FITTED.append({int(row) for row in X[:, 0]})
        return super().fit(X, y)

    def predict_proba(self, X: Any) -> Any:
        SCORED.append({int(row) for row in X[:, 0]})
        return super().predict_proba(X)


def whole_search(pipeline: Pipeline, max_rows: int | None = None, leak: bool = False) -> WholeSearch:
    parts = split(
        Y, ("a", "b"), test_size=0.2, stratify=True, seed=1, folds=3, shuffle=True, cv_rows="train", groups=GROUPS
    )  # fmt: skip
    problem: Any = SimpleNamespace(
        X=pd.DataFrame({"row": np.arange(240.0), "label": Y}), labels=SimpleNamespace(y=Y), split=parts,
        readings={"as given": ["row", "label"], **({"honest": ["row"]} if leak else {})},
    )  # fmt: skip
    space = parse({"C": {"choices": [0.1, 1.0]}})
    tuned = TunedClassifier(
        pipeline, lambda: make("grid", space, None, None, 0), Options("accuracy", workers=1), Dealing(3, 0, max_rows)
    )  # fmt: skip
    return WholeSearch(tuned, problem)


def test_groups_are_kept_together_in_outer_and_inner_folds_and_the_sample_is_no_larger() -> None:
    FITTED.clear()
    SCORED.clear()
    result = whole_search(make_pipeline(Witness()), max_rows=90).nested(4)
    assert len(FITTED) == len(SCORED) == 4 * (2 * 3 + 1)
    for fitted, scored in zip(FITTED, SCORED, strict=True):
        assert not {GROUPS[row] for row in fitted} & {GROUPS[row] for row in scored}
    assert max(map(len, FITTED)) == 90
    assert list(result.folds["n_test"]) == [60] * 4


def test_every_search_has_a_strategy_of_its_own() -> None:
    FITTED.clear()
    result = whole_search(make_pipeline(Witness())).null(3)
    assert len(result.scores) == 3
    assert len(FITTED) == (1 + 3) * (2 * 3 + 1)


def test_under_a_leak_both_are_of_the_honest_features_and_say_so() -> None:
    scaled = make_pipeline(StandardScaler(), LogisticRegression())
    leaky, plain = whole_search(scaled, leak=True), whole_search(scaled)
    assert leaky.X.shape == (240, 1)
    honest, given = leaky.nested(3), plain.nested(3)
    assert (honest.reading, given.reading) == ("honest", "as given")
    assert given.score > 0.99 > 0.8 > honest.score
    assert leaky.null(3).reading == "honest"
    assert plain.null(3).observed > 0.99


def test_a_tuned_classifier_is_grid_search_cv_on_the_same_folds() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 3)), Y[:90]
    space = parse({"C": {"choices": [0.01, 1.0, 50.0]}})
    pipeline = make_pipeline(StandardScaler(), SVC())
    options = Options("roc_auc", workers=1)
    tuned = TunedClassifier(pipeline, lambda: make("grid", space, None, None, 0), options, Dealing(4, seed=7))
    folds = StratifiedKFold(4, shuffle=True, random_state=7)
    grid = GridSearchCV(pipeline, {"svc__C": [0.01, 1.0, 50.0]}, scoring="roc_auc", cv=folds).fit(X, y)
    copy = clone(tuned).fit(X, y)
    assert not hasattr(tuned, "study_")
    assert copy.best_score_ == grid.best_score_
    assert np.array_equal(copy.predict(X), grid.predict(X))
    assert np.array_equal(copy.decision_function(X), grid.decision_function(X))
    assert not hasattr(copy, "predict_proba")
    assert copy.score(X, y) == grid.best_estimator_.score(X, y)


def test_scikit_learns_permutation_test_takes_a_tuned_classifier() -> None:
    search = whole_search(make_pipeline(StandardScaler(), LogisticRegression()))
    parts, X = search.problem.split, search.X

    def scorer(model: Any, X: Any, y: Any) -> float:
        return metrics.scores(y, predict(model, X))["accuracy"]

    score, _, p = permutation_test_score(
        search.tuned, X, Y, cv=[(parts.train, parts.test)], n_permutations=3, scoring=scorer,
        params={"groups": parts.groups}, random_state=0,
    )  # fmt: skip
    assert (score, p) == (search.null(1).observed, 1 / 4)


def test_a_part_with_too_few_groups_for_the_folds_is_said() -> None:
    tuned = whole_search(make_pipeline(LogisticRegression())).tuned
    with pytest.raises(BadInput, match="split.folds=3: .* number of groups: 2"):
        tuned.fit(np.zeros((240, 1)), Y, groups=np.repeat([0, 1], 120))
