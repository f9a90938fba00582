"""Dominance analysis against games with known Shapley values, statsmodels and the published table."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from joblib import parallel_config

from dge_experiments.explanation.methods import dominance as module
from dge_experiments.explanation.methods.dominance import Dominance, dominance, stratified
from dge_experiments.tables import bundled, read

ROOT = Path(__file__).parents[2]
PUBLISHED = Path(
    os.environ.get("DGE_PUBLISHED_TABLE", ROOT.parent / "shared" / "data" / "gene_expression_data.csv")
)
with_published = pytest.mark.skipif(not PUBLISHED.is_file(), reason="needs the published table")


def simulated(genes: int = 400, features: int = 4, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(genes, features)), columns=[f"x{j}" for j in range(features)])
    margin = 1.5 * X["x0"] + 0.8 * X["x1"]
    return X, (rng.uniform(size=genes) < 1 / (1 + np.exp(-margin))).astype(int).to_numpy()


def of(result: Dominance, column: str) -> dict[str, float]:
    return dict(zip(result.general["feature"], result.general[column], strict=True))


def play(monkeypatch: pytest.MonkeyPatch, worth, features: int, **options) -> Dominance:
    """Dominance analysis of a game: R² of a subset is ``worth(subset)``."""
    monkeypatch.setattr(module, "mcfadden_r2", lambda folds, subsets, C: {s: worth(s) for s in subsets})
    X, y = simulated(features=features)
    return dominance(X, y, seed=0, **options)


def test_glove_game_has_its_shapley_values(monkeypatch):
    """x0 and x1 are left gloves, x2 the right one: Shapley values 1/6, 1/6, 4/6."""
    result = play(monkeypatch, lambda s: float(2 in s and (0 in s or 1 in s)), features=3)
    assert of(result, "general") == pytest.approx({"x2": 4 / 6, "x0": 1 / 6, "x1": 1 / 6})
    assert of(result, "alone") == {"x0": 0.0, "x1": 0.0, "x2": 0.0}
    assert of(result, "last") == {"x0": 0.0, "x1": 0.0, "x2": 1.0}
    conditional = result.conditional.set_index(["feature", "size"])["contribution"]
    assert conditional.loc["x2"].tolist() == pytest.approx([0.0, 1.0, 1.0])
    assert conditional.loc["x0"].tolist() == pytest.approx([0.0, 0.5, 0.0])


def test_the_three_senses_of_dominance(monkeypatch):
    """x0 beats x1 alone but not beside x2: general dominance without complete or conditional dominance."""
    worth = {(): 0.0, (0,): 0.5, (1,): 0.2, (2,): 0.1, (0, 1): 0.6, (0, 2): 0.5, (1, 2): 0.55, (0, 1, 2): 0.7}
    pairs = play(monkeypatch, worth.__getitem__, features=3).pairs.set_index(["feature", "other"])
    senses = ["complete", "conditional", "general"]
    # x0: 0.5, mean(0.4, 0.4), 0.15; x1: 0.2, mean(0.1, 0.45), 0.2; x2: 0.1, mean(0, 0.35), 0.1
    assert pairs.loc[("x0", "x1"), senses].tolist() == [False, False, True]
    assert pairs.loc[("x1", "x0"), senses].tolist() == [False, False, False]
    assert pairs.loc[("x1", "x2"), senses].tolist() == [True, True, True]
    assert pairs.loc[("x0", "x2"), senses].tolist() == [True, True, True]
    assert (pairs["compared"] == 2).all()


def test_complete_implies_conditional_implies_general():
    pairs = dominance(*simulated(), seed=0).pairs
    assert pairs["complete"].any()
    assert pairs.loc[pairs["complete"], "conditional"].all()
    assert pairs.loc[pairs["conditional"], "general"].all()


def test_general_dominance_sums_to_the_full_model_and_is_the_mean_over_sizes():
    result = dominance(*simulated(), seed=0)
    assert result.general["general"].sum() == pytest.approx(result.full_r2, abs=1e-12)
    assert result.general["share"].sum() == pytest.approx(1.0)
    means = result.conditional.groupby("feature")["contribution"].mean()
    assert of(result, "general") == pytest.approx(means.to_dict())
    assert len(result.subsets) == 16
    assert result.general["feature"].tolist()[:2] == ["x0", "x1"]


def test_r2_is_that_of_statsmodels_on_held_out_genes():
    X, y = simulated()
    result = dominance(X, y, seed=3, C=1e8)
    model = null = 0.0
    for train, test in stratified(y, 5, seed=3):
        fit = sm.Logit(y[train], sm.add_constant(X.iloc[train][["x0", "x2"]])).fit(disp=0)
        p = fit.predict(sm.add_constant(X.iloc[test][["x0", "x2"]]))
        model += np.log(np.where(y[test] == 1, p, 1 - p)).sum()
        null += np.log(np.where(y[test] == 1, y[train].mean(), 1 - y[train].mean())).sum()
    r2 = result.subsets.set_index("features")["r2"]
    assert r2["x0 + x2"] == pytest.approx(1 - model / null, abs=1e-6)
    assert r2[""] == 0.0


def test_three_classes_match_multinomial_statsmodels():
    X, y = simulated(genes=600, features=2)
    y = y + (X["x1"].to_numpy() + np.random.default_rng(1).normal(size=600) > 1)
    model = null = 0.0
    for train, test in stratified(y, 5, seed=0):
        fit = sm.MNLogit(y[train], sm.add_constant(X.iloc[train])).fit(disp=0)
        p = fit.predict(sm.add_constant(X.iloc[test])).to_numpy()
        model += np.log(p[np.arange(len(test)), y[test]]).sum()
        null += np.log(np.bincount(y[train])[y[test]] / len(train)).sum()
    assert dominance(X, y, seed=0, C=1e8).full_r2 == pytest.approx(1 - model / null, abs=1e-6)


def test_sampled_orders_are_exact_for_an_additive_game(monkeypatch):
    worth = [0.3, 0.2, 0.1, 0.05] + [0.01] * 8
    result = play(monkeypatch, lambda s: sum(worth[j] for j in s), features=12, rounds=3)
    assert result.sampled
    assert "36 sampled orders" in result.note
    assert of(result, "general") == pytest.approx({f"x{j}": w for j, w in enumerate(worth)})
    assert result.general["se"].max() == pytest.approx(0, abs=1e-12)


def test_sampled_orders_are_near_the_exact_values_and_sum_to_the_full_model(monkeypatch):
    def worth(subset):
        return (0.1 * sum(range(1, 7)) ** -1 * sum(j + 1 for j in subset)) ** 0.5 + 0.2 * (
            {0, 1} <= set(subset)
        )

    exact = play(monkeypatch, worth, features=6)
    monkeypatch.setattr(module, "EXACT_LIMIT", 5)
    sampled = play(monkeypatch, worth, features=6, rounds=40)
    assert sampled.general["general"].sum() == pytest.approx(sampled.full_r2, abs=1e-12)
    assert sampled.sampled and not exact.sampled
    assert of(sampled, "alone") == of(exact, "alone")
    assert of(sampled, "last") == of(exact, "last")
    gap = {name: abs(value - of(exact, "general")[name]) for name, value in of(sampled, "general").items()}
    assert all(gap[name] < 4 * se for name, se in of(sampled, "se").items())


def test_the_result_does_not_depend_on_the_number_of_workers():
    X, y = simulated(features=3)
    one = dominance(X, y, seed=0)
    with parallel_config("loky", n_jobs=2):
        two = dominance(X, y, seed=0)
    pd.testing.assert_frame_equal(one.subsets, two.subsets, check_exact=True)
    pd.testing.assert_frame_equal(one.general, two.general, check_exact=True)


def test_duplicated_features_share_equally_and_neither_is_necessary():
    X, y = simulated(features=2)
    X = X.assign(twin=X["x0"])
    result = dominance(X, y, seed=0)
    assert of(result, "general")["x0"] == pytest.approx(of(result, "general")["twin"], abs=1e-5)
    assert of(result, "last")["x0"] == pytest.approx(0, abs=1e-3)


def test_class_codes_need_not_be_consecutive():
    X, y = simulated(features=2)
    assert dominance(X, 5 * y + 2, seed=0).full_r2 == dominance(X, y, seed=0).full_r2


@pytest.mark.published
@with_published
def test_published_table_without_t_is_logfc_alone():
    table = read(PUBLISHED).frame
    y = (table["logFC"] > 0).to_numpy().astype(int)
    result = dominance(table[["logFC", "AveExpr", "P.Value", "adj.P.Val", "B"]], y, seed=0)
    general = of(result, "general")
    assert general.pop("logFC") == pytest.approx(1.0, abs=0.05)
    assert all(abs(value) < 0.03 for value in general.values())
    assert of(result, "last")["logFC"] > 0.95


@pytest.mark.published
@with_published
def test_published_table_with_t_splits_between_logfc_and_t_and_neither_is_necessary():
    table = read(PUBLISHED)
    y = (table.frame["logFC"] > 0).to_numpy().astype(int)
    result = dominance(table.frame[table.features], y, seed=0)
    general, last = of(result, "general"), of(result, "last")
    assert general.pop("logFC") == pytest.approx(0.51, abs=0.015)
    assert general.pop("t") == pytest.approx(0.51, abs=0.015)
    assert all(abs(value) < 0.03 for value in general.values())
    assert abs(last["logFC"]) < 0.01
    assert abs(last["t"]) < 0.01
    pairs = result.pairs.set_index(["feature", "other"])
    assert not pairs.loc[[("t", "logFC"), ("logFC", "t")], ["complete", "conditional", "general"]].any(
        axis=None
    )
    assert pairs.loc["t", "complete"].sum() == pairs.loc["logFC", "complete"].sum() == 4


def test_bundled_table_direction_splits_between_logfc_and_t():
    table = read(bundled.file("all_leukemia"))
    y = (table.frame["logFC"] > 0).to_numpy().astype(int)
    result = dominance(table.frame[table.features], y, seed=0)
    assert len(result.subsets) == 64
    assert result.general["feature"].tolist()[:2] == ["t", "logFC"]
    assert of(result, "alone")["t"] > 0.97
    assert of(result, "alone")["logFC"] > 0.97
    assert max(of(result, "last").values()) < 0.02


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X.assign(x0=np.nan), y), "column 'x0', row 0: nan is not a finite number"),
        (lambda X, y: (X.assign(x0="a"), y), "column 'x0' holds"),
        (lambda X, y: (X, np.zeros_like(y)), "at least two classes"),
        (lambda X, y: (X, y[:-1]), "give one per gene"),
        (lambda X, y: (X, y.astype(float)), "whole numbers"),
        (lambda X, y: (X, np.r_[np.ones(3, int), np.zeros(len(y) - 3, int)]), "smallest class has 3 genes"),
        (lambda X, y: (pd.concat([X, X], axis=1), y), "'x0' appears more than once"),
    ],
)
def test_bad_input_is_one_line(change, message):
    X, y = change(*simulated())
    with pytest.raises(ValueError, match=message) as error:
        dominance(X, y, seed=0)
    assert "\n" not in str(error.value)
