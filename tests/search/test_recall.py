"""What a trial has kept is the same again, to the last bit."""

import numpy as np
import pytest

from dge_experiments.search.recall import packed, unpacked


@pytest.mark.parametrize("kind", [np.int8, np.float32])
def test_kept_answers_are_the_same_again(kind: type) -> None:
    rng = np.random.default_rng(0)
    answers = [rng.normal(scale=50, size=shape).astype(kind) for shape in (40, 41, (39, 3))]
    again = unpacked(packed(answers))
    assert [each.dtype for each in again] == [kind] * 3
    for one, other in zip(answers, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_many_folds_keep_their_order() -> None:
    assert [int(each[0]) for each in unpacked(packed([np.array([k]) for k in range(30)]))] == list(range(30))


def test_a_damaged_file_holds_nothing() -> None:
    file = packed([np.arange(100)])
    for damaged in (b"", b"PK", file[: len(file) // 2], file[:-30], b"no archive"):
        assert unpacked(damaged) == ()
