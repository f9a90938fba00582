from typing import Any

import numpy as np
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.problem.dealing import deal
from dge_experiments.problem.split import Split, split

CLASSES = ("down", "up")
Y = np.array([0] * 80 + [1] * 20)


def make(y: np.ndarray = Y, **changes: object) -> Split:
    given = {"test_size": 0.2, "stratify": True, "seed": 1, "folds": 5, "shuffle": True, "cv_rows": "train"}
    return split(y, CLASSES, **{**given, **changes})  # type: ignore[arg-type]


def test_every_row_is_on_one_side_and_every_training_row_is_scored_once() -> None:
    parts = make()
    assert sorted([*parts.train, *parts.test]) == list(range(100))
    assert sorted(np.concatenate([score_on for _, score_on in parts.folds])) == sorted(parts.train)
    for fit_on, score_on in parts.folds:
        assert not set(fit_on) & set(score_on)
        assert not set(fit_on) & set(parts.test)


def test_stratified_parts_keep_the_shares() -> None:
    parts = make()
    assert Y[parts.test].mean() == 0.2
    assert sorted(Y[score_on].sum() for _, score_on in parts.folds) == [3, 3, 3, 3, 4]


def test_cv_on_all_rows_scores_the_held_out_ones_too() -> None:
    parts = make(cv_rows="all", shuffle=False)
    assert sorted(np.concatenate([score_on for _, score_on in parts.cv_folds])) == list(range(100))
    own = make()
    assert own.cv_folds is own.folds


def test_the_hash_tells_splits_apart() -> None:
    assert make().hash == make().hash
    assert len({make().hash, make(seed=2).hash, make(folds=4).hash, make(cv_rows="all").hash}) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_size": 0.999}, "split"),
        ({"folds": 30}, "20 genes of class 'up'"),
    ],
)
def test_what_cannot_be_split_is_said(changes: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make(**changes)


def test_grouped_rows_never_stand_on_both_sides() -> None:
    groups = np.repeat(np.arange(25), 4)
    y = np.tile([0, 0, 0, 1], 25)
    parts = make(y, groups=groups)
    assert not set(groups[parts.train]) & set(groups[parts.test])
    assert sorted([*parts.train, *parts.test]) == list(range(100))
    for fit_on, score_on in parts.folds:
        assert not set(groups[fit_on]) & set(groups[score_on])


@pytest.mark.parametrize("share", [0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7])
def test_grouped_rows_are_held_out_in_the_share_that_was_asked_for(share: float) -> None:
    groups = np.repeat(np.arange(200), 3)
    y = np.tile([0, 1, 0], 200)
    parts = make(y, groups=groups, test_size=share)
    assert abs(len(parts.test) / len(y) - share) < 0.02
    assert abs(y[parts.test].mean() - y.mean()) < 0.02


def test_a_few_repeated_genes_leave_the_others_dealt_as_ever() -> None:
    y = np.tile([0, 0, 0, 1], 500)
    groups = np.arange(2000)
    groups[100:200] = np.repeat(np.arange(100, 125), 4)  # 25 genes of four rows
    parts = make(y, groups=groups)
    for left, right in ((parts.train, parts.test), *parts.folds):
        assert not set(groups[left]) & set(groups[right])
    assert sorted(np.concatenate([score_on for _, score_on in parts.folds])) == sorted(parts.train)
    assert abs(len(parts.test) - 400) <= 4
    assert {len(score_on) // 10 for _, score_on in parts.folds} <= {31, 32}


def test_repeated_folds_keep_groups_together() -> None:
    groups = np.repeat(np.arange(25), 4)
    parts = make(np.tile([0, 0, 0, 1], 25), groups=groups, repeats=3)
    assert len(parts.cv_folds) == 15
    scored = np.bincount(np.concatenate([score_on for _, score_on in parts.cv_folds]), minlength=100)
    assert set(scored[parts.train]) == {3} and set(scored[parts.test]) == {0}
    for fit_on, score_on in parts.cv_folds:
        assert not set(groups[fit_on]) & set(groups[score_on])
    assert len({tuple(score_on) for _, score_on in parts.cv_folds}) == 15


def test_repeated_folds_score_each_training_row_once_a_repeat() -> None:
    parts = make(repeats=3)
    assert len(parts.cv_folds) == 15
    scored = np.bincount(np.concatenate([score_on for _, score_on in parts.cv_folds]), minlength=100)
    assert set(scored[parts.train]) == {3} and set(scored[parts.test]) == {0}
    assert len(parts.folds) == 5


def test_an_unstratified_split_without_a_class_in_the_held_out_part_is_refused() -> None:
    y = np.array([0] * 94 + [1] * 6)
    seeds = [s for s in range(50) if _refused(y, s)]
    assert seeds, "some seed puts no or too few 'up' genes on a side"


def _refused(y: np.ndarray, seed: int) -> bool:
    try:
        parts = make(y, stratify=False, seed=seed)
    except BadInput:
        return True
    assert y[parts.test].any() and (y[parts.train] == 1).sum() >= 5
    return False


def test_folds_are_a_sequence() -> None:
    y = np.tile([0, 1], 20).astype(np.int64)
    folds = deal(np.arange(40), y, None, 4, seed=0)
    as_list = [folds[k] for k in range(4)]

    def same(ours: Any, theirs: Any) -> bool:
        return len(ours) == len(theirs) and all(
            np.array_equal(a, b) for one, two in zip(ours, theirs, strict=True) for a, b in zip(one, two, strict=True)
        )  # fmt: skip

    for part in (slice(None), slice(1, 3), slice(-2, None), slice(None, None, -1), slice(9, None)):
        assert same(folds[part], as_list[part])
    assert same([folds[-1], folds[-4]], [as_list[-1], as_list[-4]])
    assert same(list(reversed(folds)), as_list[::-1])
    assert len(list(folds)) == 4
    for outside in (4, -5):
        with pytest.raises(IndexError):
            folds[outside]
