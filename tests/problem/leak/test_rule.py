import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from dge_experiments.problem.leak.rule import INTERVALS, fit, held_out, stratified_folds
from dge_experiments.problem.leak.tree import grow


def test_cut_lies_midway_and_a_value_on_it_belongs_below():
    for rule in fit(np.array([1.0, 2.0, 4.0, 5.0]), np.array([0, 0, 1, 1])):
        assert rule.cuts.tolist() == [3.0]
        assert rule.answer(np.array([3.0, 3.1])).tolist() == [0, 1]


def test_neighbouring_doubles_are_parted():
    x = np.array([1.0, np.nextafter(1.0, 2.0)])
    assert fit(x, np.array([0, 1]))[0].answer(x).tolist() == [0, 1]


@pytest.mark.parametrize("classes", [2, 3])
def test_the_beginning_of_a_tree_is_the_tree_of_fewer_leaves(classes):
    rng = np.random.default_rng(classes)
    X = rng.normal(size=(400, 3)).astype(np.float32)
    y = ((X[:, 0] > 0) + (X[:, 1] * X[:, 2] > 0)).astype(np.int64) % classes
    grown = grow(X, y, 16)
    for leaves in (2, 3, 4, 8, 16):
        alone = DecisionTreeClassifier(max_leaf_nodes=leaves, class_weight="balanced", random_state=0)
        assert np.array_equal(grown.answers(X, leaves), alone.fit(X, y).predict(X))
        assert len(grown.splits(leaves)) == alone.tree_.n_leaves - 1


def test_a_rule_answers_as_scikit_learns_tree_on_the_same_values():
    rng = np.random.default_rng(0)
    x = rng.normal(size=500).round(2)
    y = ((np.abs(x) > 1) ^ (rng.random(500) < 0.1)).astype(np.int64)
    for intervals, rule in zip(INTERVALS, fit(x, y), strict=True):
        tree = DecisionTreeClassifier(max_leaf_nodes=intervals, class_weight="balanced", random_state=0)
        places = np.unique(x, return_inverse=True)[1][:, None]
        assert np.array_equal(rule.answer(x), tree.fit(places, y).predict(places))


def test_every_gene_is_tested_once_and_fitted_on_a_capped_draw():
    y = np.repeat([0, 1], [30_000, 50])
    folds = stratified_folds(y, seed=1)
    assert [np.bincount(y[folds.fold == k]).tolist() for k in range(5)] == [[6_000, 10]] * 5
    assert np.bincount(y[folds.fitted]).tolist() == [10_000, 50]


def test_shuffled_label_is_answered_at_chance():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [2_000, 400])
    x = rng.normal(size=2_400)
    assert held_out(x, y, stratified_folds(y, 0)).value == pytest.approx(0.5, abs=0.06)


def test_few_flipped_labels_cost_a_short_rule_no_more_than_themselves():
    """A tree of eight leaves gives each flipped gene an interval of its own, and errs on its neighbours."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 150)
    wrong = rng.random(300) < 0.05
    x = np.where(wrong, 1 - y, y) + rng.uniform(-0.2, 0.2, 300)
    assert held_out(x, y, stratified_folds(y, 0)).value == pytest.approx(1 - wrong.mean(), abs=0.01)
