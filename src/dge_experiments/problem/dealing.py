"""How rows are dealt: into a training and a held-out part, and into folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, overload

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import (
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    train_test_split,
)

Groups = npt.NDArray[Any] | None
MOST_PARTS = 20  # into which groups are dealt to hold out a share of them

Indices = npt.NDArray[np.signedinteger]
Fold = tuple[Indices, Indices]


@dataclass(frozen=True, eq=False)
class Folds(Sequence[Fold]):
    """Pairs (fit on, score on), each made on access.

    Attributes
    ----------
    rows : positions that are dealt
    scored : shape (rows,), number of the fold in which the row is scored
    number : number of folds
    """

    rows: Indices
    scored: npt.NDArray[np.int16]
    number: int

    def __len__(self) -> int:
        return self.number

    @overload
    def __getitem__(self, k: int) -> Fold: ...

    @overload
    def __getitem__(self, k: slice) -> tuple[Fold, ...]: ...

    def __getitem__(self, k: int | slice) -> Fold | tuple[Fold, ...]:
        if isinstance(k, slice):
            return tuple(self[i] for i in range(self.number)[k])
        fold = range(self.number)[k]
        return self.rows[self.scored != fold], self.rows[self.scored == fold]


def deal(
    rows: Indices,
    y: npt.NDArray[np.int64],
    groups: Groups,
    folds: int,
    seed: int,
    shuffle: bool = True,
) -> Folds:
    """Deal row positions into stratified folds; rows of one group are never on both sides of a fold.

    Rows that are alone in their group are dealt one by one, the others group by group.
    """
    random_state = seed if shuffle else None
    scored = np.empty(len(rows), np.int16)
    for part, codes in _parts(rows, y, groups, folds):
        if codes is None:
            dealer = StratifiedKFold(folds, shuffle=shuffle, random_state=random_state)
            splits = dealer.split(part, y[rows[part]])
        else:
            group_dealer = StratifiedGroupKFold(folds, shuffle=shuffle, random_state=random_state)
            splits = group_dealer.split(part, y[rows[part]], codes)
        for k, (_, score_on) in enumerate(splits):
            scored[part[score_on]] = k
    return Folds(rows, scored, folds)


def repeated(
    rows: Indices, y: npt.NDArray[np.int64], groups: Groups, folds: int, seed: int, repeats: int
) -> tuple[Fold, ...]:
    """The folds of several deals, one after another."""
    if groups is None:
        dealer = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
        return tuple((rows[fit_on], rows[score_on]) for fit_on, score_on in dealer.split(rows, y[rows]))
    seeds = np.random.default_rng(seed).integers(2**31, size=repeats)
    return tuple(fold for deal_seed in seeds for fold in deal(rows, y, groups, folds, int(deal_seed)))


def hold_out(
    y: npt.NDArray[np.int64],
    rows: Indices,
    test_size: float,
    seed: int,
    stratify: bool,
    groups: Groups,
) -> Fold:
    """Training and held-out rows; rows of one group are on the same side.

    For groups of several rows ``test_size`` is rounded to the nearest fraction of twentieths or larger parts.
    """
    share = Fraction(test_size).limit_denominator(MOST_PARTS)
    share = min(max(share, Fraction(1, MOST_PARTS)), Fraction(MOST_PARTS - 1, MOST_PARTS))
    sides: tuple[list[Indices], list[Indices]] = ([], [])
    for part, codes in _parts(rows, y, groups, share.denominator):
        if codes is None:
            classes = y[rows[part]] if stratify else None
            halves = train_test_split(part, test_size=test_size, random_state=seed, stratify=classes)
        else:
            dealer = StratifiedGroupKFold(share.denominator, shuffle=True, random_state=seed)
            test_folds = [score_on for _, score_on in dealer.split(part, y[rows[part]], codes)]
            is_held_out = np.isin(np.arange(len(part)), np.concatenate(test_folds[: share.numerator]))
            halves = part[~is_held_out], part[is_held_out]
        for side, positions in zip(sides, halves, strict=True):
            side.append(rows[positions])
    if groups is None:
        return sides[0][0], sides[1][0]
    is_held_out = np.isin(rows, np.concatenate(sides[1]))
    return rows[~is_held_out], rows[is_held_out]


def _parts(
    rows: Indices, y: npt.NDArray[np.int64], groups: Groups, folds: int
) -> list[tuple[npt.NDArray[np.intp], Groups]]:
    """Positions among ``rows`` that are dealt one by one (groups None), and those dealt by groups.

    All are dealt by groups where either kind is too small for the folds.
    """
    if groups is None:
        return [(np.arange(len(rows)), None)]
    codes, sizes = np.unique(groups[rows], return_inverse=True, return_counts=True)[1:]
    is_single = sizes[codes] == 1
    single, several = np.flatnonzero(is_single), np.flatnonzero(~is_single)
    if not len(several):
        return [(single, None)]
    classes = np.unique(y[rows])
    enough = all((y[rows[single]] == code).sum() >= 2 * folds for code in classes)
    if not enough or (sizes > 1).sum() < 2 * folds:
        return [(np.arange(len(rows)), codes)]
    return [(single, None), (several, codes[several])]
