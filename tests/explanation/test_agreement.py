"""Kendall's W against closed forms, the Friedman test and Spearman's rho."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import friedmanchisquare, rankdata, spearmanr

from dge_experiments.explanation.agreement import agreement, kendalls_w


def rated(*columns) -> dict[str, dict[str, float]]:
    return {f"m{i}": {f"x{j}": float(v) for j, v in enumerate(column)} for i, column in enumerate(columns)}


def test_identical_ranks_give_one_and_reversed_ranks_zero():
    assert agreement(rated([4, 3, 2, 1], [40, 30, 20, 10], [9, 8, 7, 6])).w == pytest.approx(1.0)
    assert agreement(rated([4, 3, 2, 1], [1, 2, 3, 4])).w == pytest.approx(0.0)


def test_identical_ranks_with_ties_give_one():
    assert agreement(rated([5, 5, 2, 1], [7, 7, 3, 0])).w == pytest.approx(1.0)


def test_w_of_a_latin_square_is_zero():
    assert agreement(rated([1, 2, 3], [2, 3, 1], [3, 1, 2])).w == pytest.approx(0.0)


def test_w_by_hand_with_a_tie():
    """Ranks (1, 2.5, 2.5, 4) and (2, 1, 3, 4): sums 3, 3.5, 5.5, 8, S = 15.5, T = 6, W = 186 / 228."""
    result = agreement(rated([9, 5, 5, 1], [7, 8, 3, 2]))
    assert result.w == pytest.approx(12 * 15.5 / (4 * 60 - 2 * 6))


@given(arrays(np.int64, (6, 4), elements=st.integers(0, 5)))
def test_w_is_the_friedman_statistic_over_its_largest_value(values):
    ranks = rankdata(values, axis=0)
    w = kendalls_w(ranks)
    if all(len(np.unique(column)) == 1 for column in values.T):
        assert np.isnan(w)
    else:
        assert w == pytest.approx(friedmanchisquare(*values).statistic / (4 * 5))


def test_w_is_the_mean_spearman_correlation_rescaled():
    ranks = np.column_stack([np.random.default_rng(seed).permutation(7) + 1.0 for seed in range(5)])
    rho = spearmanr(ranks).statistic[np.triu_indices(5, 1)].mean()
    assert kendalls_w(ranks) == pytest.approx((rho * 4 + 1) / 5)


def test_p_value_is_that_of_the_friedman_test():
    values = np.random.default_rng(0).normal(size=(6, 4))
    assert agreement(rated(*values.T)).p_value == pytest.approx(friedmanchisquare(*values).pvalue)


def test_ranks_stand_side_by_side_with_the_most_important_first_and_ties_shared():
    ranks = agreement({"gain": {"t": 3, "B": 1, "P": 1}, "cover": {"P": 0.1, "t": 0.9, "B": 0.5}}).ranks
    assert ranks.columns.tolist() == ["feature", "gain", "cover", "mean_rank"]
    assert ranks.to_numpy().tolist() == [["t", 1, 1, 1], ["B", 2.5, 2, 2.25], ["P", 2.5, 3, 2.75]]


def test_caution_names_groups_with_two_members_present():
    importances = {"gain": {"t": 1, "P.Value": 2, "B": 3}}
    caution = agreement(importances, [["P.Value", "B", "adj.P.Val"], ["t", "logFC"]]).caution
    assert caution.startswith("Redundant features (P.Value, B):")
    assert agreement(importances, [["t", "logFC"]]).caution == ""


def test_one_method_has_no_agreement():
    result = agreement(rated([3, 2, 1]))
    assert np.isnan(result.w) and np.isnan(result.p_value)
    assert result.note.endswith("is not defined.")


@pytest.mark.parametrize(
    ("importances", "message"),
    [
        ({}, "no importance method"),
        ({"a": {"x": 1.0}, "b": {"y": 1.0}}, "feature 'x' is rated by one of 'a', 'b' only"),
        ({"a": {"x": float("nan")}}, "'a' rates 'x' as NaN"),
    ],
)
def test_bad_input_is_one_line(importances, message):
    with pytest.raises(ValueError, match=message):
        agreement(importances)
