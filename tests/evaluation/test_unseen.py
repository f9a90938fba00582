from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.learner import Learner
from dge_experiments.evaluation.unseen import MANY, ONE, Unseen, unseen
from dge_experiments.tables import Table

MODEL = {"logistic_regression": Learner(make_pipeline(LogisticRegression()))}


def tables(shared: float, studies: int = 4, genes: int = 1000) -> dict[str, Table]:
    """Studies with the standard error 1; effects are shared by all of them to the part ``shared`` of their variance."""
    rng = np.random.default_rng(0)
    common = np.where(rng.random(genes) < 0.3, rng.normal(0, 3, genes), 0)
    tables_ = {}
    for name in "ABCDEF"[:studies]:
        effect_here = np.where(rng.random(genes) < 0.3, rng.normal(0, 3, genes), 0)
        effect = np.sqrt(shared) * common + np.sqrt(1 - shared) * effect_here + rng.normal(size=genes)
        frame = pd.DataFrame(
            {"gene": [f"g{i}" for i in range(genes)], "logFC": effect, "P.Value": 2 * norm.sf(np.abs(effect))}
        )
        tables_[name] = Table(frame, name, f"{name}.csv", "0" * 16, "limma", {})
    return tables_


@cache
def found(shared: float) -> Unseen:
    return unseen(tables(shared), MODEL)


def of(result: Unseen, method: str, reads: str, genes: str = "all") -> pd.Series:
    board = result.board
    return board[(board["method"] == method) & (board["reads"] == reads) & (board["genes"] == genes)].iloc[0]


def test_nothing_shared_is_nothing_found() -> None:
    for genes in ("all", "hits"):
        for reads in (ONE, MANY):
            best = of(found(0.0), "logistic_regression", reads, genes)
            assert best["mean"] == pytest.approx(0.5, abs=0.05)
    assert all("no gain over" in sentence for sentence in found(0.0).sentences)


def test_other_studies_help_where_effects_are_shared() -> None:
    one, many = (of(found(1.0), "logistic_regression", reads) for reads in (ONE, MANY))
    assert one["mean"] > 0.7
    assert many["gain"] > 0.02 and many["gain_low"] > 0
    assert "better than the order by" in found(1.0).sentences[1]


def test_scores_are_of_pairs_with_the_study_left_out() -> None:
    scores = found(1.0).scores
    assert ((scores["first"] == scores["held_out"]) | (scores["second"] == scores["held_out"])).all()
    one = scores[(scores["key"] == f"logFC, {ONE}") & (scores["genes"] == "all")]
    assert len(one) == 4 * 6
    given = tables(1.0)
    a, b = given["A"].frame, given["B"].frame
    replicates = (np.sign(a["logFC"]) == np.sign(b["logFC"])) & (b["P.Value"] < 0.05)
    pair = one[(one["first"] == "A") & (one["second"] == "B")]
    assert pair["roc_auc"].tolist() == pytest.approx([roc_auc_score(replicates, a["logFC"].abs())] * 2)


def test_the_interval_is_between_studies() -> None:
    scores = found(1.0).scores
    one = scores[(scores["key"] == f"P.Value, {ONE}") & (scores["genes"] == "hits")]
    means = one.groupby("held_out")["roc_auc"].mean()
    row = of(found(1.0), "P.Value", ONE, "hits")
    assert row["mean"] == pytest.approx(means.mean())
    reach = student.ppf(0.975, 3) * means.std() / 2
    assert (row["low"], row["high"]) == pytest.approx((means.mean() - reach, means.mean() + reach))


def test_predictions_are_kept_gene_by_gene() -> None:
    predictions = found(1.0).predictions
    assert set(predictions["method"]) == {f"logistic_regression, {ONE}", f"logistic_regression, {MANY}"}
    assert len(predictions) == 2 * 4 * 6 * 1000
    assert predictions["chance"].between(0, 1).all()
    assert predictions["chance"].mean() == pytest.approx(predictions["held_up"].mean(), abs=0.02)


def test_two_studies_are_too_few() -> None:
    with pytest.raises(BadInput, match="studies: 2 given; to leave one out it takes 3"):
        unseen(tables(1.0, studies=2), MODEL)
