"""The search against scikit-learn's, and against itself on other numbers of processes."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.metrics import scores
from dge_experiments.search.space import grid, parse
from dge_experiments.search.strategies import make
from dge_experiments.search.study import Options, Session, Study, search
from dge_experiments.search.task import Task

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))
Y = (X[:, 0] + RNG.normal(size=200) > 0).astype(np.int64)
FOLDS = list(StratifiedKFold(4).split(X, Y))
FOREST = make_pipeline(StandardScaler(), RandomForestClassifier(random_state=3))
ACCURACY = Options("accuracy", workers=1)
SPACE = parse({"n_estimators": {"low": 5, "high": 20, "points": 2}, "max_depth": {"choices": [None, 2, 4]}})


def run(name: str, workers: int = 1, **given: Any) -> Study:
    strategy = make(name, SPACE, given.pop("n_trials", 8), given.pop("batch", 3), seed=5)
    return search(strategy, Task(FOREST, X, Y, FOLDS, scores), Options("roc_auc", workers=workers, **given))


def test_grid_equals_gridsearchcv() -> None:
    ours = run("grid").frame
    grid_of = {f"randomforestclassifier__{k}": sorted({c[k] for c in grid(SPACE)}, key=str) for k in SPACE}
    theirs = GridSearchCV(FOREST, grid_of, cv=FOLDS, scoring="roc_auc").fit(X, Y)
    table = pd.DataFrame(theirs.cv_results_)
    for _, row in table.iterrows():
        params = {k.split("__")[1]: v for k, v in row["params"].items()}
        mine = next(
            r
            for r in ours.to_dict("records")
            if r["params.n_estimators"] == params["n_estimators"]
            and (r["params.max_depth"] == params["max_depth"] or pd.isna(r["params.max_depth"]))
            and pd.isna(r["params.max_depth"]) == (params["max_depth"] is None)
        )
        assert mine["cv/roc_auc"] == row["mean_test_score"]
        assert mine["cv/roc_auc_std"] == pytest.approx(row["std_test_score"], abs=1e-15)


@pytest.mark.parametrize("name", ["random", "tpe"])
def test_the_same_trials_on_one_and_two_processes(name: str) -> None:
    one, two = run(name, workers=1), run(name, workers=2)
    assert [t.candidate for t in one.trials] == [t.candidate for t in two.trials]
    assert [t.folds for t in one.trials] == [t.folds for t in two.trials]
    assert [t.number for t in two.trials] == list(range(8))


def test_a_shorter_search_is_the_beginning_of_a_longer_one() -> None:
    short, long = run("tpe", n_trials=6), run("tpe", n_trials=9)
    assert [t.candidate for t in short.trials] == [t.candidate for t in long.trials[:6]]


def test_the_best_is_the_first_of_equals() -> None:
    study = run("grid")
    top = max(t.mean("roc_auc") for t in study.trials)
    assert study.best == next(t for t in study.trials if t.mean("roc_auc") == top)


def test_a_candidate_that_raises_is_kept_and_the_search_goes_on() -> None:
    space = parse({"C": {"choices": [1.0, -1.0]}})
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    seen = []
    study = search(
        make("grid", space, None, None, 0),
        Task(pipeline, X, Y, FOLDS, scores),
        ACCURACY,
        Session(on_trial=seen.append),
    )
    good, bad = study.trials
    assert not good.error and "The 'C' parameter" in str(bad.error)
    assert study.best is good
    assert len(seen) == 2
    assert "The 'C' parameter" in study.frame["error"][1]


def test_a_search_in_which_all_fail_is_one_line() -> None:
    space = parse({"C": {"choices": [-1.0, -2.0]}})
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    with pytest.raises(BadInput, match="all 2 trials failed; the first with .*'C' parameter"):
        search(make("grid", space, None, None, 0), Task(pipeline, X, Y, FOLDS, scores), ACCURACY)


def test_tpe_goes_on_after_a_failed_trial() -> None:
    space = parse({"C": {"choices": [1.0, -1.0, 0.1]}})
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    strategy = make("tpe", space, 9, 3, 1)
    study = search(strategy, Task(pipeline, X, Y, FOLDS, scores), ACCURACY)
    assert len(study.trials) == 9
    assert any(t.error for t in study.trials)


def test_a_timeout_keeps_what_was_made() -> None:
    study = run("random", n_trials=50, batch=2, timeout=1e-9)
    assert 1 <= len(study.trials) < 50
    assert study.planned == 50
    assert study.best in study.trials


def test_warnings_of_the_estimator_are_kept_with_the_trial() -> None:
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1))
    study = search(make("none", {}, None, None, 0), Task(pipeline, X, Y, FOLDS, scores), ACCURACY)
    assert "ConvergenceWarning" in study.trials[0].warnings[0]


@pytest.mark.parametrize(
    ("name", "n_trials", "batch", "message"),
    [("simplex", 3, 1, "search.name=simplex"), ("tpe", 0, 1, "n_trials=0"), ("tpe", 3, 0, "batch=0")],
)
def test_what_is_no_search_is_refused(name: str, n_trials: int, batch: int, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make(name, SPACE, n_trials, batch, 0)
