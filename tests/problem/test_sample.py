import numpy as np
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.problem.sample import sample, stratified
from dge_experiments.problem.split import Split, split

Y = (np.arange(1000) % 10 == 0).astype(np.int64)


def split_of(cv_rows: str = "train") -> Split:
    return split(
        Y, ("a", "b"), test_size=0.2, stratify=True, seed=1, folds=5, shuffle=True, cv_rows=cv_rows
    )  # fmt: skip


def test_a_small_table_is_left_as_it_is() -> None:
    full = split_of()
    assert sample(full, Y, 800, 0) is full
    assert sample(full, Y, None, 0) is full


def test_classes_keep_their_share_and_genes_their_fold() -> None:
    full = split_of()
    part = sample(full, Y, 400, 0)
    assert len(part.train) == 400
    assert Y[part.train].mean() == 0.1
    assert part.full is full
    assert part.hash == full.hash
    assert np.array_equal(part.test, full.test)
    assert set(part.train) <= set(full.train)
    for (fit_on, score_on), (all_fit, all_score) in zip(part.folds, full.folds, strict=True):
        assert set(fit_on) | set(score_on) == set(part.train)
        assert set(fit_on) <= set(all_fit) and set(score_on) <= set(all_score)
    assert part.cv_folds is part.folds
    assert np.array_equal(sample(full, Y, 400, 0).train, part.train)
    assert not np.array_equal(sample(full, Y, 400, 1).train, part.train)


def test_a_sample_is_exact_whatever_the_classes() -> None:
    y = np.repeat([0, 1, 2], [983, 14, 3])
    for size in (3, 10, 101, 333, 999):
        rows = stratified(np.arange(1000), y, size, 0)
        found = np.bincount(y[rows], minlength=3)
        assert len(rows) == len(set(rows)) == size and np.all(np.diff(rows) > 0)
        assert found.min() >= 1
        assert np.all(np.abs(found - size * np.bincount(y) / 1000) <= 2)


def test_a_cross_validation_on_all_rows_is_sampled_too() -> None:
    part = sample(split_of("all"), Y, 400, 0)
    assert sum(len(score_on) for _, score_on in part.cv_folds) == 400


@pytest.mark.parametrize("rows", [0, 1, 9])
def test_too_small_a_sample_is_refused(rows: int) -> None:
    with pytest.raises(BadInput, match=f"model.max_rows={rows}"):
        sample(split_of(), Y, rows, 0)
