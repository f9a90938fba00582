"""What is known of columns whatever the data say; tables as other tools write them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dge_experiments.problem.leak import audit
from dge_experiments.problem.leak.provenance import stand_ins

SIX = ("logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B")


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({"logFC"}, {"t": "logFC"}),
        ({"logFC", "adj.P.Val"}, {"t": "logFC", "P.Value": "adj.P.Val", "B": "adj.P.Val"}),
        ({"P.Value"}, {"t": "P.Value", "adj.P.Val": "P.Value", "B": "P.Value"}),
        ({"t"}, {"logFC": "t"}),
        ({"AveExpr"}, {}),
        (set(), {}),
    ],
)
def test_stand_ins_of_limmas_columns(sources, expected):
    assert {name: of for name, (of, _) in stand_ins(SIX, sources).items()} == expected


@pytest.mark.parametrize("statistic", ["F", "LR", "stat"])
def test_unsigned_statistics_stand_in_for_the_p_value_alone(statistic):
    assert stand_ins([statistic, "SE", "AveExpr"], {"logFC"}) == {}
    assert set(stand_ins([statistic, "SE", "AveExpr"], {"logFC", "adj.P.Val"})) == {statistic}


def results(genes: int = 4_000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    effect = rng.normal(size=genes) * (rng.random(genes) < 0.3) + rng.normal(0, 0.2, genes)
    se = rng.gamma(9, 0.03, genes)
    p = 2 * stats.norm.sf(np.abs(effect / se))
    return pd.DataFrame({"logFC": effect, "AveExpr": rng.normal(7, 2, genes), "P.Value": p, "SE": se})


def called(X: pd.DataFrame) -> np.ndarray:
    significant = (X["adj.P.Val"] < 0.05) & (X["logFC"].abs() >= 0.5)
    return 1 + (significant * np.sign(X["logFC"])).to_numpy().astype(int)


def test_a_t_whose_sign_disagrees_in_a_twentieth_of_the_rows_is_a_source_of_the_direction():
    X = results()
    rng = np.random.default_rng(1)
    X["t"] = X["logFC"] / X["SE"] * np.where(rng.random(len(X)) < 0.05, -1, 1)
    found = audit(X, (X["logFC"] > 0).to_numpy().astype(int), {"logFC"}, seed=0)
    assert set(found.sources) == {"logFC", "t"}
    assert found.stand_ins == {"t": "logFC"}


def test_adjusted_within_clusters_is_of_the_same_test():
    """BH within ten clusters, as Seurat's tables: no monotone function of P.Value, and still of one test."""
    X = results()
    cluster = np.random.default_rng(2).integers(0, 10, len(X))
    X["adj.P.Val"] = X.groupby(cluster)["P.Value"].transform(stats.false_discovery_control)
    assert abs(stats.kendalltau(X["P.Value"], X["adj.P.Val"]).statistic) < 0.999
    found = audit(X, called(X), {"logFC", "adj.P.Val"}, seed=0)
    assert set(found.sources) == {"logFC", "adj.P.Val", "P.Value"}


def test_weighted_adjustment_and_an_unsigned_statistic_too():
    """As IHW: P-values weighted by AveExpr before BH."""
    X = results()
    weight = np.exp((X["AveExpr"] - X["AveExpr"].mean()) / 4)
    X["adj.P.Val"] = stats.false_discovery_control(np.minimum(1, X["P.Value"] / (weight / weight.mean())))
    X["LR"] = stats.chi2.isf(X["P.Value"], 1)
    found = audit(X, called(X), {"logFC", "adj.P.Val"}, seed=0)
    assert set(found.sources) == {"logFC", "adj.P.Val", "P.Value", "LR"}


def test_a_label_column_that_a_p_value_answers_takes_its_kin_with_it():
    X = results()
    X["adj.P.Val"] = stats.false_discovery_control(X["P.Value"])
    X["F"] = (X["logFC"] / X["SE"]) ** 2 * np.random.default_rng(3).uniform(0.7, 1.4, len(X))
    found = audit(X, (X["adj.P.Val"] < 0.05).to_numpy().astype(int), (), seed=0)
    assert {"P.Value", "adj.P.Val", "F"} <= set(found.sources)
    assert found.stand_ins == {"F": "P.Value"}
