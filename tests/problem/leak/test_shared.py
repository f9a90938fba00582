"""Rows that stand on both sides of the split; rows are genes."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.problem.leak import shared_rows


def test_genes_and_values_that_repeat_are_counted_by_hand():
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 1.0, 5.0, 6.0], "b": [1.0, 2.0, 3.0, 1.0, 5.0, 6.0]})
    genes = pd.Series(["g1", "g2", "", "g4", "g2", ""])
    y = np.array([0, 1, 1, 0, 0, 1])
    found = shared_rows(X, genes, y, np.array([0, 1, 2]), np.array([3, 4, 5]))
    # row 3 has the values of row 0, and its label; row 4 is gene g2 as row 1, with another label; row 5 is new
    assert (found.held_out, found.rows, found.same_values, found.same_gene) == (3, 2, 1, 1)
    assert found.looked_up == pytest.approx((1 / 2 + 0 / 1) / 2)
    assert found.sentence.startswith(
        "2 of 3 held-out rows repeat a training row (1 with the same gene and 1 "
    )


def test_noise_in_two_identical_rows_is_a_leak_and_not_when_genes_stand_on_one_side():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(500, 3)).repeat(2, axis=0), columns=list("abc"))
    genes = pd.Series([f"g{i}" for i in range(500)]).repeat(2).reset_index(drop=True)
    y = rng.integers(0, 2, 500).repeat(2)
    order = rng.permutation(1_000)
    found = shared_rows(X, genes, y, order[:800], order[800:])
    assert found.leaks
    assert found.looked_up == pytest.approx(0.8, abs=0.08)
    assert "split=grouped" in found.sentence
    grouped = shared_rows(X, genes, y, np.arange(800), np.arange(800, 1_000))
    assert (grouped.rows, grouped.leaks, grouped.sentence) == (0, False, "")


def test_repeats_with_other_labels_answer_nothing():
    X = pd.DataFrame({"a": np.tile(np.arange(50.0), 2)})
    y = np.repeat([0, 1], 50)
    rows = np.arange(100)
    found = shared_rows(X, pd.Series([""] * 100), y, rows[:50], rows[50:])
    assert (found.rows, found.looked_up, found.leaks) == (50, 0.0, False)


def test_a_few_unexpressed_genes_of_the_large_class_do_not_carry_the_score():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=1_000), "b": rng.normal(size=1_000)})
    X.iloc[:80] = 0.0
    y = (np.arange(1_000) >= 900).astype(int)
    order = rng.permutation(1_000)
    found = shared_rows(X, pd.Series([""] * 1_000), y, order[:800], order[800:])
    assert found.rows > 5
    assert not found.leaks
    assert found.sentence.endswith("too few to carry the score.")
