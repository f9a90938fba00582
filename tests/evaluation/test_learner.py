import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.learner import Learner, by_study
from dge_experiments.search.space import parse
from dge_experiments.search.strategies import Fixed
from dge_experiments.studies.examples import Example


def pair(first: str, second: str, genes: int = 60, seed: int = 0) -> Example:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=genes)
    y = rng.random(genes) < 1 / (1 + np.exp(-2 * x))
    return Example(first, second, pd.DataFrame({"effect": x, "noise": rng.normal(size=genes)}), y, x > 0)


KNOWN = [pair(a, b, seed=7 * i + j) for i, a in enumerate("ABC") for j, b in enumerate("ABC") if a != b]


def test_a_fold_leaves_out_every_pair_of_a_study() -> None:
    names = np.repeat([f"{e.first}{e.second}" for e in KNOWN], 60)
    folds = by_study(KNOWN)
    assert len(folds) == 3
    for name, (fit_on, score_on) in zip("ABC", folds, strict=True):
        assert set(names[score_on]) == {n for n in names if name in n}
        assert set(names[fit_on]) == {n for n in names if name not in n}


def test_without_a_search_it_is_the_pipeline_on_all_pairs() -> None:
    fitted = Learner(make_pipeline(LogisticRegression())).fit(KNOWN, ["effect"])
    X, y = np.concatenate([e.X[["effect"]] for e in KNOWN]), np.concatenate([e.y for e in KNOWN])
    assert np.array_equal(fitted.predict_proba(X), LogisticRegression().fit(X, y).predict_proba(X))


def test_a_search_keeps_what_is_best_on_the_studies_left_out() -> None:
    columns = ["effect", "noise"]
    depths = parse({"max_depth": {"choices": [1, 30]}})
    learner = Learner(make_pipeline(DecisionTreeClassifier(random_state=0)), lambda: Fixed(depths))
    X = np.concatenate([e.X[columns].to_numpy() for e in KNOWN])
    y = np.concatenate([e.y for e in KNOWN])
    means = {}
    for depth in (1, 30):
        tree = DecisionTreeClassifier(max_depth=depth, random_state=0)
        means[depth] = np.mean(
            [
                roc_auc_score(y[on], tree.fit(X[fit], y[fit]).predict_proba(X[on])[:, 1])
                for fit, on in by_study(KNOWN)
            ]
        )
    assert means[1] > means[30]
    assert learner.fit(KNOWN, columns)[-1].max_depth == 1


def test_two_studies_are_too_few_to_tune_on() -> None:
    with pytest.raises(BadInput, match="takes 4 or more in all, or search=none"):
        by_study(KNOWN[:1])
