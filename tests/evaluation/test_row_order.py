"""The order of the table's rows changes nothing in outer folds, in the folds inside them, or under shuffled labels."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.evaluation.nested import Nested
from dge_experiments.evaluation.permutation import Null
from dge_experiments.evaluation.tuned import Dealing, TunedClassifier
from dge_experiments.evaluation.whole_search import WholeSearch
from dge_experiments.problem.order import by_id
from dge_experiments.problem.sample import sample
from dge_experiments.problem.split import split
from dge_experiments.search.space import parse
from dge_experiments.search.strategies import make
from dge_experiments.search.study import Options

GENES = 240


def found(
    rows: np.ndarray, rows_a_gene: int, max_rows: int | None, by_ids: bool = True
) -> tuple[Nested, Null]:
    """Both, on a table whose rows stand in this order."""
    rng = np.random.default_rng(0)
    y = (rng.random(GENES) < 0.4).astype(np.int64)
    frame = pd.DataFrame({"a": rng.normal(size=GENES) + y, "b": rng.normal(size=GENES)})
    ids = pd.Series([f"gene{i // rows_a_gene}" for i in range(GENES)])
    frame, y, ids = frame.iloc[rows].reset_index(drop=True), y[rows], ids.iloc[rows].reset_index(drop=True)
    parts = split(
        y, ("no", "yes"), test_size=0.25, stratify=True, seed=3, folds=3, shuffle=True, cv_rows="train",
        groups=ids.factorize()[0] if rows_a_gene > 1 else None,
        order=by_id(ids, frame, 3) if by_ids else None,
    )  # fmt: skip
    problem: Any = SimpleNamespace(
        X=frame, labels=SimpleNamespace(y=y), split=sample(parts, y, max_rows, 3),
        readings={"as given": ["a", "b"]},
    )  # fmt: skip
    space = parse({"C": {"low": 0.01, "high": 10.0, "log": True}})
    tuned = TunedClassifier(
        make_pipeline(StandardScaler(), LogisticRegression()), lambda: make("random", space, 3, 3, 0),
        Options("balanced_accuracy", workers=1), Dealing(3, 3, max_rows),
    )  # fmt: skip
    search = WholeSearch(tuned, problem)
    return search.nested(3), search.null(5)


@pytest.mark.parametrize(("rows_a_gene", "max_rows"), [(1, None), (1, 100), (3, None)])
def test_shuffled_tables_give_equal_numbers(rows_a_gene: int, max_rows: int | None) -> None:
    nested, null = found(np.arange(GENES), rows_a_gene, max_rows)
    for seed in range(2):
        rows = np.random.default_rng(seed).permutation(GENES)
        again, null_again = found(rows, rows_a_gene, max_rows)
        pd.testing.assert_frame_equal(again.folds, nested.folds, check_exact=False, rtol=1e-12)
        assert (null_again.observed, *null_again.scores) == pytest.approx(
            (null.observed, *null.scores), rel=1e-12
        )


def test_where_rows_are_dealt_in_the_order_of_the_table_it_matters() -> None:
    nested, null = found(np.arange(GENES), 1, None, by_ids=False)
    again, null_again = found(np.random.default_rng(0).permutation(GENES), 1, None, by_ids=False)
    assert nested.score != again.score
    assert not np.array_equal(null.scores, null_again.scores)
