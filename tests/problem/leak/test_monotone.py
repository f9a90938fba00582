import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from dge_experiments.problem.leak.monotone import gamma, groups, relations, representatives


def test_gamma_without_ties_is_kendalls_tau():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    y = x + rng.normal(size=200)
    assert gamma(x, y) == pytest.approx(kendalltau(x, y).statistic)


def test_gamma_worked_by_hand():
    # of the six pairs of genes one is tied in x, three agree and two disagree
    x = np.array([1.0, 1.0, 2.0, 3.0])
    y = np.array([1.0, 3.0, 4.0, 2.0])
    assert gamma(x, y) == pytest.approx((3 - 2) / (3 + 2))


def test_gamma_of_rounded_copies_is_one():
    x = np.random.default_rng(0).normal(size=1_000)
    assert gamma(x.round(1), -(x**3).round(0)) == pytest.approx(-1.0)


def test_gamma_of_a_constant_is_nan():
    assert np.isnan(gamma(np.ones(5), np.arange(5.0)))


def test_too_few_values_to_tell_are_no_relation():
    assert relations(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 9.0]}), seed=0) == []
    one_in = np.zeros(300)
    one_in[-1] = 1
    assert relations(pd.DataFrame({"a": np.arange(300.0), "b": one_in}), seed=0) == []


def test_strong_correlation_is_no_relation():
    rng = np.random.default_rng(0)
    x = rng.normal(size=5_000)
    assert relations(pd.DataFrame({"a": x, "b": x + 0.02 * rng.normal(size=5_000)}), seed=0) == []


def test_sign_does_not_tie_two_features_into_one_group():
    rng = np.random.default_rng(0)
    logfc = rng.normal(size=500)
    X = pd.DataFrame({"sign": np.sign(logfc), "logFC": logfc, "t": logfc * rng.gamma(4, 1, 500)})
    redundant = representatives(X, relations(X, seed=0), preferred=[])
    assert list(redundant) == ["sign"]
    assert groups(redundant) == {"logFC": ("logFC", "sign")}


def test_preferred_feature_stands_for_its_group():
    x = np.random.default_rng(0).uniform(1, 2, 100)
    X = pd.DataFrame({"a": x, "b": 1 / x, "c": np.log(x)})
    found = relations(X, seed=0)
    assert groups(representatives(X, found, preferred=[])) == {"a": ("a", "b", "c")}
    assert groups(representatives(X, found, preferred=["c"])) == {"c": ("c", "a", "b")}
