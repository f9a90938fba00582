import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from dge_experiments.problem.leak.rule import (
    balanced_accuracy,
    chance_of_separation,
    fit,
    held_out,
    stratified_folds,
)


def test_cut_lies_midway_and_a_value_on_it_belongs_below():
    rule = fit(np.array([1.0, 2.0, 4.0, 5.0]), np.array([0, 0, 1, 1]))
    assert rule.cuts.tolist() == [3.0]
    assert rule.answer(np.array([3.0, 3.1])).tolist() == [0, 1]


def test_neighbouring_doubles_are_parted():
    x = np.array([1.0, np.nextafter(1.0, 2.0)])
    assert fit(x, np.array([0, 1])).answer(x).tolist() == [0, 1]


def test_balanced_accuracy_is_scikit_learns():
    rng = np.random.default_rng(0)
    y, answers = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    assert balanced_accuracy(y, answers) == pytest.approx(balanced_accuracy_score(y, answers))


@pytest.mark.parametrize(
    ("labels", "chance"),
    [
        ((0, 0, 0, 1, 1, 1), 2 / 20),  # 2 of the C(6, 3) labellings
        ((0, 0, 1, 1, 1, 0), 4 / 20),  # two with class 1 in the middle, two with class 0
        ((1, 0, 0, 0, 0, 0), 2 / 6),
        ((0, 0, 1, 1, 2, 2), 6 / 90),
        ((0,) * 5 + (1,) * 5, 2 / 252),
    ],
)
def test_chance_of_separation_by_hand(labels, chance):
    assert chance_of_separation(np.arange(float(len(labels))), np.array(labels)) == pytest.approx(chance)


def test_no_separation_has_chance_one():
    assert chance_of_separation(np.array([1.0, 1.0, 2.0, 3.0]), np.array([0, 1, 1, 1])) == 1.0
    assert chance_of_separation(np.arange(8.0), np.array([0, 1] * 4)) == 1.0


def test_every_gene_is_tested_once_and_fitted_on_a_capped_draw():
    y = np.repeat([0, 1], [30_000, 50])
    folds = stratified_folds(y, seed=1)
    assert [np.bincount(y[folds.fold == k]).tolist() for k in range(5)] == [[6_000, 10]] * 5
    assert np.bincount(y[folds.fitted]).tolist() == [10_000, 50]


def test_shuffled_label_is_answered_at_chance():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [2_000, 400])
    x = rng.normal(size=2_400)
    assert held_out(x, y, stratified_folds(y, 0)) == pytest.approx(0.5, abs=0.06)
