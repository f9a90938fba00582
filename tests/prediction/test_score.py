"""Every row of a new table is answered for, in order, whatever the size of the chunks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from dge_experiments.errors import BadInput
from dge_experiments.prediction.decision import bounds
from dge_experiments.prediction.score import Scorer, Summary, check, score, training_ranges
from dge_experiments.tables import Table, read
from given import limma_table

FEATURES = ("t", "logFC")


def table(frame: pd.DataFrame, **about: object) -> Table:
    given = {"name": "t", "path": "t.csv", "digest": "0", "dialect": "limma", "columns": {}} | about
    return Table(frame=frame.rename(columns={"ID": "gene"}), **given)  # type: ignore[arg-type]


def scorer(pipeline: Pipeline | None = None) -> Scorer:
    frame = limma_table(200, seed=1)
    X = frame[list(FEATURES)]
    fitted = (pipeline or make_pipeline(StandardScaler(), LogisticRegression())).fit(X, frame["logFC"] > 0)
    ranges = {k: (v[0], v[1]) for k, v in training_ranges(X).items()}
    return Scorer("m", fitted, FEATURES, ("down", "up"), ranges)


SCORER = scorer()


@given(st.integers(1, 60), st.lists(st.sampled_from(range(50)), max_size=8, unique=True))
@examples(max_examples=25, deadline=None)
def test_chunks_of_any_size_give_the_same_table_in_order(rows: int, broken: list[int]) -> None:
    frame = limma_table(50)
    frame.loc[broken, "logFC"] = np.nan
    summary = Summary()
    out = pd.concat(list(score(SCORER, table(frame), rows, summary)), ignore_index=True)
    assert list(out["gene"]) == list(frame["ID"])
    assert sorted(np.flatnonzero(out["reason"] != "")) == sorted(broken)
    assert (summary.rows, summary.scored) == (50, 50 - len(broken))
    assert sum(summary.classes.values()) == summary.scored
    whole = frame.drop(index=broken)
    expected = np.where(SCORER.pipeline.predict(whole[list(FEATURES)]), "up", "down")
    assert list(out.loc[whole.index, "predicted"]) == list(expected)
    probability = SCORER.pipeline.predict_proba(whole[list(FEATURES)])[:, 1]
    assert np.allclose(out.loc[whole.index, "probability_up"], probability, rtol=0, atol=1e-12)
    assert (out.loc[broken, "predicted"] == "").all() and out.loc[broken, "probability_up"].isna().all()


def test_chances_have_bounds_where_the_model_carries_them() -> None:
    known = bounds(np.arange(200) % 3 == 0, np.linspace(0, 1, 200))
    carrying = replace(SCORER, metadata={"decision": known.metadata})
    frame, summary = limma_table(50), Summary()
    frame.loc[3, "logFC"] = np.nan
    out = pd.concat(list(score(carrying, table(frame), 20, summary)), ignore_index=True)
    low, high = known.at(out["probability_up"].drop(index=3))
    assert np.allclose(out["chance_low"].drop(index=3), low) and np.allclose(
        out["chance_high"].drop(index=3), high
    )
    assert np.isnan(out.loc[3, "chance_low"])
    assert np.allclose(np.concatenate(summary.chances), out["probability_up"].drop(index=3))


def test_what_lies_outside_the_training_range_is_flagged_for_each_feature() -> None:
    low, high = SCORER.ranges["t"]
    frame = limma_table(5).assign(t=[low, high, np.nextafter(low, -1e9), high + 1, 0.0], logFC=0.0)
    frame.loc[3, "logFC"] = 99
    summary = Summary()
    (out,) = score(SCORER, table(frame), 100, summary)
    assert list(out["outside_range"]) == ["", "", "t", "t;logFC", ""]
    assert (summary.outside, summary.any_outside) == ({"t": 2, "logFC": 1}, 2)


def test_a_model_without_probabilities_gives_none_and_an_infinite_cell_a_reason() -> None:
    frame = limma_table(3)
    frame.loc[1, "t"] = np.inf
    (out,) = score(scorer(make_pipeline(StandardScaler(), SVC())), table(frame), 9, Summary())
    assert not [column for column in out if column.startswith("probability")]
    assert list(out["reason"]) == ["", "no finite number in t", ""]


def test_a_table_in_which_no_row_can_be_scored_is_answered_for() -> None:
    frame = limma_table(3).assign(t=np.nan)
    (out,) = score(scorer(make_pipeline(DummyClassifier())), table(frame), 9, Summary())
    assert (out["reason"] == "no finite number in t").all() and (out["predicted"] == "").all()


@pytest.mark.parametrize(
    ("columns", "offer"),
    [
        (["logFC", "SE"], "data.derive=true makes t = logFC / SE"),
        (["logFC", "F"], "F has no sign and is no t"),
        (["logFC"], "if another column holds it, add data.columns.statistic=HEADER"),
        (["logFC"], "else train a model on what both have: features=list 'features.columns=[logFC]'"),
    ],
)
def test_a_missing_column_is_one_line_with_what_there_is(columns: list[str], offer: str) -> None:
    frame = pd.DataFrame(1.0, index=range(3), columns=columns)
    with pytest.raises(BadInput, match="read as deseq2, it has no t, which m needs") as caught:
        check(SCORER, table(frame, dialect="deseq2", columns={"logFC": "log2FoldChange"}))
    assert offer in str(caught.value) and "logFC (log2FoldChange)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_with_missing_values_are_kept_when_asked_for(tmp_path: Path) -> None:
    frame = limma_table(20)
    frame = frame.astype({"t": object})
    frame.loc[0, "t"], frame.loc[7, "t"], frame.loc[8, "ID"] = np.nan, "high", "--"
    frame.to_csv(tmp_path / "t.csv", index=False)
    kept = read(tmp_path / "t.csv", missing="keep").frame
    assert list(kept["gene"]) == list(frame["ID"])
    assert list(np.flatnonzero(kept["t"].isna())) == [0, 7]
    with pytest.raises(BadInput, match="line 9: 'high' is not a number"):
        read(tmp_path / "t.csv")
