from itertools import permutations

import numpy as np
import pytest
from scipy.stats import ks_1samp, uniform
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score, permutation_test_score

from dge_experiments.evaluation.permutation import p_value, permutation_test, shuffled_labels


@pytest.mark.parametrize(
    ("observed", "null", "expected"),
    [
        (0.9, [0.5] * 99, 1 / 100),
        (0.5, [0.5] * 99, 1.0),
        (0.4, [0.5, 0.3, 0.4, 0.2], 3 / 5),
        (0.1 + 0.2, [0.3, 0.1], 2 / 3),
    ],
)
def test_p_value_counts_the_observed(observed, null, expected):
    assert p_value(observed, null) == pytest.approx(expected)


@pytest.mark.parametrize(("observed", "null"), [(0.5, []), (0.5, [np.nan]), (np.nan, [0.5])])
def test_p_value_refuses_nothing_and_nan(observed, null):
    with pytest.raises(ValueError, match="one permutation or more and finite scores"):
        p_value(observed, null)


def test_shuffles_keep_the_classes_and_do_not_depend_on_their_number():
    y = np.repeat([0, 1, 2], [5, 3, 2])
    ten, three = list(shuffled_labels(y, 10, seed=1)), list(shuffled_labels(y, 3, seed=1))
    np.testing.assert_array_equal(ten[:3], three)
    assert all(np.bincount(labels).tolist() == [5, 3, 2] for labels in ten)
    assert len({tuple(labels) for labels in ten}) > 5
    assert tuple(next(shuffled_labels(y, 1, seed=2))) != tuple(ten[0])


def test_labels_of_a_group_move_together_and_to_a_group_of_the_same_size():
    groups = np.array([7, 3, 3, 5, 7, 9, 5, 1, 1, 1])
    y = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    pairs = {g: tuple(y[groups == g]) for g in (7, 3, 5)}
    orders = set()
    for labels in shuffled_labels(y, 60, 0, groups):
        assert {tuple(labels[groups == g]) for g in pairs} == set(pairs.values())
        assert labels[groups == 9].tolist() == [5]
        assert labels[groups == 1].tolist() == [7, 8, 9]
        orders.add(tuple(labels))
    assert len(orders) == 6


def test_under_the_null_p_values_of_repeated_rows_are_uniform_only_when_genes_move_together():
    """Each gene stands in four equal rows: shuffled row by row, noise looks like an effect."""
    groups = np.repeat(np.arange(16), 4)
    by_gene, by_row = [], []
    for seed in range(150):
        rng = np.random.default_rng([3, seed])
        y, x = np.repeat(rng.permutation(np.repeat([0, 1], 8)), 4), np.repeat(rng.normal(size=16), 4)
        for found, moved in ((by_gene, groups), (by_row, None)):
            test = permutation_test(lambda z, x=x: x @ z, y, permutations=39, seed=seed, groups=moved)
            found.append(test.p_value)
    assert ks_1samp(by_gene, uniform.cdf).pvalue > 0.01
    assert np.mean(np.array(by_gene) <= 0.05) < 0.1
    assert np.mean(np.array(by_row) <= 0.05) > 0.15


def test_the_p_value_is_scikit_learns():
    rng = np.random.default_rng(2)
    y, folds = np.repeat([0, 1], 20), StratifiedKFold(4)
    X = rng.normal(size=(40, 2)) + 0.4 * y[:, None]
    score, null, p = permutation_test_score(
        LogisticRegression(), X, y, cv=folds, n_permutations=30, scoring="roc_auc", random_state=0
    )
    assert 1 / 31 < p < 1
    assert p_value(score, null) == p


def test_agrees_with_all_labellings():
    """Difference of group means of 7 genes, 3 of them up: the exact p-value over all 35 labellings."""
    x = np.array([0.1, 0.4, 0.2, 0.9, 0.8, 0.35, 0.7])
    y = np.array([0, 0, 0, 1, 1, 0, 1])

    def difference(labels):
        return x[labels == 1].mean() - x[labels == 0].mean()

    exact = np.mean([difference(np.array(z)) >= difference(y) - 1e-12 for z in set(permutations(y))])
    assert exact == pytest.approx(1 / 35)
    found = permutation_test(difference, y, permutations=4_000, seed=0)
    assert found.observed == pytest.approx(difference(y))
    assert found.p_value == pytest.approx(exact, abs=0.008)


def test_p_values_under_the_null_are_uniform():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 15)
    found = []
    for seed in range(200):
        x = rng.normal(size=30)
        found.append(permutation_test(lambda z, x=x: x @ z, y, permutations=99, seed=seed).p_value)
    assert ks_1samp(found, uniform.cdf).pvalue > 0.01
    assert np.mean(np.array(found) <= 0.05) < 0.1


def test_through_a_pipeline():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 40)
    X = rng.normal(size=(80, 3))
    X[:, 0] += 1.5 * y
    folds = StratifiedKFold(5, shuffle=True, random_state=0)

    def score(labels):
        return cross_val_score(LogisticRegression(), X, labels, cv=folds, scoring="balanced_accuracy").mean()

    found = permutation_test(score, y, permutations=19, seed=0)
    assert found.p_value == pytest.approx(1 / 20)
    assert found.scores.mean() == pytest.approx(0.5, abs=0.06)
