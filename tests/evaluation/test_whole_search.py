"""The whole search again, on other rows: it respects groups, the size of a sample and its own strategy."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from dge_experiments.evaluation.whole_search import WholeSearch
from dge_experiments.problem.split import split
from dge_experiments.search.space import parse
from dge_experiments.search.strategies import make

GROUPS = np.repeat(np.arange(60), 4)
Y = np.tile([0, 0, 1, 0, 1, 0, 0, 1], 30).astype(np.int64)
FITTED: list[set[int]] = []
SCORED: list[set[int]] = []


class Witness(LogisticRegression):
    """Writes down which rows it was fitted on and which it was asked about; the only feature is the row's number."""

    def fit(self, X: Any, y: Any) -> Any:
        FITTED.append({int(row) for row in X[:, 0]})
        return super().fit(X, y)

    def predict_proba(self, X: Any) -> Any:
        SCORED.append({int(row) for row in X[:, 0]})
        return super().predict_proba(X)


def whole(pipeline: Pipeline, max_rows: int | None = None) -> WholeSearch:
    parts = split(
        Y, ("a", "b"), test_size=0.2, stratify=True, seed=1, folds=3, shuffle=True, cv_rows="train", groups=GROUPS
    )  # fmt: skip
    problem: Any = SimpleNamespace(
        X=pd.DataFrame({"row": np.arange(240.0)}), labels=SimpleNamespace(y=Y), split=parts
    )
    space = parse({"C": {"choices": [0.1, 1.0]}})
    return WholeSearch(
        pipeline, problem, lambda: make("grid", space, None, None, 0), "accuracy", 0, 1, max_rows=max_rows
    )


def test_groups_are_kept_together_in_outer_and_inner_folds_and_the_sample_is_no_larger() -> None:
    FITTED.clear()
    SCORED.clear()
    done = whole(make_pipeline(Witness()), max_rows=90).nested(4)
    assert len(FITTED) == len(SCORED) == 4 * (2 * 3 + 1)
    for fitted, scored in zip(FITTED, SCORED, strict=True):
        assert not {GROUPS[row] for row in fitted} & {GROUPS[row] for row in scored}
    assert max(map(len, FITTED)) == 90
    assert list(done.folds["n_test"]) == [60] * 4


def test_every_search_has_a_strategy_of_its_own() -> None:
    FITTED.clear()
    done = whole(make_pipeline(Witness())).null(3)
    assert len(done.scores) == 3
    assert len(FITTED) == (1 + 3) * (2 * 3 + 1)
