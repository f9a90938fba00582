"""A split by the values of a column: the genes of certain chromosomes are held out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import dge_experiments as dge
from dge_experiments.experiment.plan import Plan, prepare
from dge_experiments.settings.estimator import estimator
from given import limma_table, settings

BY = ["data.path=t.csv", "split=by_column", "split.by=chromosome", "split.folds=3"]


@pytest.fixture(autouse=True)
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[np.ndarray]:
    """200 genes on chromosomes 1 to 9 and X; two have none. ``arm`` has two values, one a text and one a number."""
    monkeypatch.chdir(tmp_path)
    names = np.array([*"123456789", "X"])[np.arange(200) % 10].astype(object)
    names[:2] = ""
    limma_table(200).assign(
        chromosome=names, arm=np.where(np.arange(200) // 10 % 2, "p", "7"), number=np.arange(200) % 4
    ).to_csv("t.csv", index=False)
    yield names


def plan(*overrides: str) -> Plan:
    chosen = settings(*overrides)
    return prepare(chosen, estimator(chosen.model))


@pytest.mark.parametrize("deal", ["ids", "rows"])
def test_the_genes_of_the_values_are_held_out_and_folds_keep_a_value_together(
    table: np.ndarray, deal: str
) -> None:
    parts = plan(*BY, "split.test=[3,X]", f"split.deal={deal}").problem.split
    assert set(parts.test) == set(np.flatnonzero(np.isin(table, ["3", "X"])))
    assert set(parts.train) == set(range(200)) - set(parts.test)
    for fit_on, score_on in parts.folds:
        assert not (set(table[fit_on]) & set(table[score_on])) - {""}
    assert parts.held_out == "chromosome 3, X" and parts.by == "chromosome"
    assert parts.test_groups is None  # each gene is evidence of its own


def test_a_value_may_be_a_number_and_written_otherwise() -> None:
    asked = ["data.path=t.csv", "split=by_column", "split.folds=3"]
    whole = plan(*asked, "split.by=number", "split.test=[1]").problem.split
    assert len(whole.test) == 50
    assert plan(*asked, "split.by=number", "split.test=[1.0]").problem.split.hash == whole.hash
    assert len(plan(*asked, "split.by=arm", "split.test=[7]").problem.split.test) == 100


def test_folds_are_dealt_as_usual_where_the_values_are_too_few(caplog: pytest.LogCaptureFixture) -> None:
    parts = plan("data.path=t.csv", "split=by_column", "split.by=arm", "split.test=[p]").problem.split
    assert parts.together is None and len(parts.folds) == 5 and parts.held_out == "arm p"
    assert "split.by=arm: its values do not fill 5 folds with genes of every class" in caplog.text


def test_rows_without_a_value_are_trained_on_and_said(caplog: pytest.LogCaptureFixture) -> None:
    parts = plan(*BY, "split.test=[3]").problem.split
    assert {0, 1} <= set(parts.train)
    assert "2 rows without a value in 'chromosome' are trained on" in caplog.text


def test_repeats_rows_of_the_search_and_seeds() -> None:
    repeated = plan(*BY, "split.test=[3]", "evaluation=repeated", "evaluation.repeats=2").problem.split
    assert len(repeated.cv_folds) == 6
    sampled = plan(*BY, "split.test=[3]", "model.max_rows=90").problem.split
    assert len(sampled.train) == 90 and len(sampled.test) == 20
    assert sampled.hash == plan(*BY, "split.test=[3]").problem.split.hash
    assert sampled.hash != plan(*BY, "split.test=[4]").problem.split.hash


def test_a_column_without_values_keeps_its_genes_together_in_a_random_split(table: np.ndarray) -> None:
    parts = plan("data.path=t.csv", "split.by=chromosome", "split.folds=3").problem.split
    assert not (set(table[parts.train]) & set(table[parts.test])) - {""}
    assert parts.held_out == "" and parts.by == "chromosome"


def test_a_target_of_the_same_table_and_a_column_of_ones_own() -> None:
    asked = [*BY, "split.test=[3]", "target=column", "target.column=arm", "features.extra=[number]"]
    problem = plan(*asked).problem
    assert "number" in problem.X and len(problem.split.test) == 20
    both = plan(
        "data.path=t.csv", "split=by_column", "split.by=number", "split.test=[1]", "features.extra=[number]"
    )
    assert len(both.problem.split.test) == 50


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["split=by_column"], "split.by: must be given"),
        (["split=by_column", "split.by=chromosome"], "split.test: must be given"),
        (["split=by_column", "split.by=chromosme", "split.test=[3]"], "no column 'chromosme'"),
        (
            ["split=by_column", "split.by=chromosome", "split.test=[chr3]"],
            r"split.test: no row of t.csv has 'chr3' in the column 'chromosome' \(nearest are 3",
        ),
        (["split.test=[3]"], "split.test: needs the column"),
        (["split=by_column", "split.by=group", "split.test=[KO]"], "has no groups"),
        (
            ["split=by_column", "split.by=ID", "split.test=[g3]"],
            "split.test: the held-out part has 0 genes of class",
        ),
    ],
)
def test_what_cannot_be_held_out_is_one_line(asked: list[str], says: str) -> None:
    with pytest.raises(dge.BadInput, match=says) as refused:
        plan("data.path=t.csv", *asked)
    assert "\n" not in str(refused.value)
