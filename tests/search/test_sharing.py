"""Sharing fits changes nothing but the work."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier, XGBRFClassifier

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.metrics import scores
from dge_experiments.search.compute import parallel
from dge_experiments.search.engine import Trial, evaluate
from dge_experiments.search.fold import configured
from dge_experiments.search.prediction import predict
from dge_experiments.search.sharing import check, predictions, shares
from dge_experiments.search.task import Task

pytestmark = pytest.mark.slow


def data(genes: int, seed: int, classes: int = 2) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(genes, 4))
    y = np.digitize(X[:, 0] + rng.normal(size=genes), [0.0, 0.9][: classes - 1])
    y[: 4 * classes] = np.arange(4 * classes) % classes
    return X, y.astype(np.int64)


def halves(genes: int) -> list[tuple[Any, Any]]:
    rows = np.arange(genes)
    return [(rows[rows % 2 == k], rows[rows % 2 != k]) for k in (0, 1)]


FOREST = RandomForestClassifier(random_state=3)
ESTIMATORS = {
    "forest": lambda seed: RandomForestClassifier(random_state=seed),
    "forest without bootstrap": lambda seed: RandomForestClassifier(
        random_state=seed, bootstrap=False, class_weight="balanced"
    ),
    "extra trees": lambda seed: ExtraTreesClassifier(random_state=seed),
    "xgboost": lambda seed: XGBClassifier(random_state=seed, n_jobs=1, subsample=0.7, colsample_bytree=0.6),
    "xgboost, several trees a round": lambda seed: XGBClassifier(random_state=seed, num_parallel_tree=2),
}


@pytest.mark.parametrize("kind", ESTIMATORS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    lengths=st.lists(st.integers(1, 25), min_size=1, max_size=4),
    depths=st.lists(st.sampled_from([None, 1, 3]), min_size=1, max_size=2, unique=True),
    leaves=st.lists(st.sampled_from([1, 2, 4]), min_size=1, max_size=2, unique=True),
    seed=st.integers(0, 2**31 - 1),
    genes=st.integers(40, 120),
    classes=st.sampled_from([2, 3]),
)
def test_shared_fits_give_the_same_predictions_and_scores_to_the_last_bit(
    kind: str,
    lengths: list[int],
    depths: list[int | None],
    leaves: list[int],
    seed: int,
    genes: int,
    classes: int,
) -> None:
    X, y = data(genes, seed % 1000, classes)
    grid = [{"n_estimators": n, "max_depth": d} for n in lengths for d in depths]
    if "xgboost" not in kind:
        grid = [
            {**c, "min_samples_split": s, "min_samples_leaf": m} for c in grid for s in (2, 5) for m in leaves
        ]
    candidates = dict(enumerate(grid))
    pipeline = make_pipeline(StandardScaler(), ESTIMATORS[kind](seed))
    (fit_on, score_on), *_ = folds = halves(genes)
    for share in shares(list(candidates.values()), "n_estimators", pipeline[-1]):
        model = configured(pipeline, share.longest).fit(X[fit_on], y[fit_on])
        for position, ours in predictions(model, X[score_on], share):
            alone = predict(configured(pipeline, candidates[position]).fit(X[fit_on], y[fit_on]), X[score_on])
            assert np.array_equal(ours.probability, alone.probability)
            assert np.array_equal(ours.ranking, alone.ranking)
            assert np.array_equal(ours.predicted, alone.predicted)
    tables = []
    for path in ("n_estimators", None):
        with parallel(1):
            made = evaluate(Task(pipeline, X, y, folds, scores, path), candidates)
            tables.append({t.number: (t.candidate, t.folds) for t in made})
    assert tables[0] == tables[1]
    assert len(tables[0]) == len(candidates)


def fits(candidates: list[dict[str, Any]], path: str | None) -> list[tuple[int, ...]]:
    return [share.members for share in shares(candidates, path, FOREST)]


def test_candidates_are_grouped_by_all_that_is_not_the_path() -> None:
    grid = [{"n_estimators": n, "max_depth": d} for d in (None, 5) for n in (50, 100, 200)]
    assert fits(grid, "n_estimators") == [(0, 1, 2), (3, 4, 5)]
    assert fits(grid, None) == [(i,) for i in range(6)]
    leaves = [{"min_samples_split": s, "min_samples_leaf": m} for m in (1, 2, 4) for s in (2, 5)]
    assert fits(leaves, None) == [
        (0,),
        (1,),
        (2,),
        (3,),
        (4, 5),
    ]  # 8 genes are needed to split into leaves of 4
    assert fits([{"C": 1.0}, {"C": 2.0}, {"C": 1.0}], None) == [(0, 2), (1,)]
    assert fits([{"a": 1}, {"a": True}, {"a": 1.0}], None) == [(0,), (1,), (2,)]


def test_trees_fitted_are_those_of_the_longest_and_their_time_is_divided() -> None:
    (share,) = shares([{"n_estimators": n} for n in (50, 100, 200)], "n_estimators", FOREST)
    assert share.longest == {"n_estimators": 200}
    assert [share.portion(i) for i in range(3)] == [50 / 350, 100 / 350, 200 / 350]


def test_identical_candidates_are_fitted_once() -> None:
    X, y = data(60, 0)
    fitted = []

    class Counted(SVC):
        def fit(self, X: Any, y: Any) -> Any:
            fitted.append(self.C)
            return super().fit(X, y)

    with parallel(1):
        candidates = {i: {"C": C} for i, C in enumerate((1.0, 2.0, 1.0))}
        trials = list(evaluate(Task(make_pipeline(Counted()), X, y, halves(60), scores), candidates))
    assert sorted(fitted) == [1.0, 1.0, 2.0, 2.0]
    by_number: dict[int, Trial] = {t.number: t for t in trials}
    assert by_number[0].folds == by_number[2].folds


class Limited(RandomForestClassifier):
    """A forest that refuses more than 10 trees."""

    def fit(self, X: Any, y: Any) -> Any:
        if self.n_estimators > 10:
            raise MemoryError("too many trees")
        return super().fit(X, y)


def test_a_candidate_that_fails_does_not_take_along_those_that_share_its_fit() -> None:
    X, y = data(60, 0)
    candidates = {i: {"n_estimators": n} for i, n in enumerate((5, 20, -1, 10))}
    made = {}
    for path in ("n_estimators", None):
        with parallel(1):
            task = Task(make_pipeline(Limited(random_state=0)), X, y, halves(60), scores, path)
            trials = evaluate(task, candidates)
            made[path] = {t.number: t for t in trials}
    shared, alone = made["n_estimators"], made[None]
    assert "too many trees" in str(shared[1].error) and "n_estimators" in str(shared[2].error)
    assert {i: t.folds for i, t in shared.items()} == {i: t.folds for i, t in alone.items()}
    assert len(shared[0].folds) == len(shared[3].folds) == 2


@pytest.mark.parametrize(
    ("estimator", "path", "message"),
    [
        (SVC(), "C", "model.path=C: SVC cannot be cut short"),
        (GradientBoostingClassifier(), "n_estimators", "GradientBoostingClassifier cannot be cut short"),
        (XGBRFClassifier(), "n_estimators", "XGBRFClassifier cannot be cut short"),
        (FOREST, "max_depth", "model.path=max_depth"),
        (RandomForestClassifier(), "n_estimators", "needs a whole number as random_state"),
        (RandomForestClassifier(warm_start=True), "n_estimators", "warm_start=True"),
        (XGBClassifier(booster="dart"), "n_estimators", "booster=dart"),
        (XGBClassifier(early_stopping_rounds=5), "n_estimators", "early_stopping_rounds=5"),
    ],
    ids=lambda v: type(v).__name__ if not isinstance(v, str) else "",
)
def test_what_cannot_be_cut_short_is_refused(estimator: Any, path: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        check(path, estimator)


def test_what_can_be_cut_short_is_taken() -> None:
    for estimator in ESTIMATORS.values():
        check("n_estimators", estimator(1))
    check("n_estimators", Limited(random_state=1))
    check(None, SVC())
