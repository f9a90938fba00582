"""The split: which genes are held out, and the folds of the rest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.problem.dealing import Fold, Indices, deal, hold_out, repeated


@dataclass(frozen=True)
class Split:
    """Row positions.

    Attributes
    ----------
    train, test : the part the search sees, and the part held out
    folds : pairs (fit on, score on) inside ``train``, for the search
    cv_folds : pairs on which ``cv/<metric>`` is computed: ``folds``, or folds of all rows
    full : the split that this one is a sample of, or None
    order : positions of all rows in the order in which they are dealt
    groups : shape (genes,): rows of one group never stand on both sides; None where every row is its own
    """

    train: Indices
    test: Indices
    folds: Sequence[Fold]
    cv_folds: Sequence[Fold]
    order: Indices
    full: "Split | None" = None
    groups: npt.NDArray[Any] | None = None

    @property
    def test_groups(self) -> npt.NDArray[Any] | None:
        """``groups`` of the held-out rows."""
        return None if self.groups is None else self.groups[self.test]

    @property
    def hash(self) -> str:
        """First 12 hex digits of the SHA-256 of all positions: equal hashes mean comparable scores.

        A sample has the hash of the split it was taken from: its folds hold some of the same genes.
        """
        if self.full:
            return self.full.hash
        digest = hashlib.sha256(self.test.astype("<i8").data)
        for folds in (self.folds, self.cv_folds):
            for _, score_on in folds:
                digest.update(b"|")
                digest.update(score_on.astype("<i8").data)
        return digest.hexdigest()[:12]


def split(
    y: npt.NDArray[np.int64],
    classes: tuple[str, ...],
    *,
    test_size: float,
    stratify: bool,
    seed: int,
    folds: int,
    shuffle: bool,
    cv_rows: str,
    groups: npt.NDArray[Any] | None = None,
    repeats: int = 1,
    order: Indices | None = None,
) -> Split:
    """Hold out ``test_size`` of the genes, and deal the rest into stratified folds.

    Parameters
    ----------
    y : shape (genes,), int class codes
    stratify : keep the classes' shares in both parts
    shuffle : shuffle rows before they are dealt into folds
    cv_rows : ``train``, or ``all`` to report the cross-validation on all rows, the held-out ones among them
    groups : shape (genes,): rows of one group never stand on both sides of the split or of a fold
    repeats : of the reported cross-validation, each dealt anew
    order : positions of all rows in the order in which they are dealt (see ``order.by_id``), that of the table where
        not given

    Raises
    ------
    BadInput
        a class with fewer genes than folds
    """
    _enough(y, classes, folds + 1, f"split.folds={folds}", "the table")
    rows = np.arange(len(y), dtype=np.int32) if order is None else order.astype(np.int32)
    if groups is not None and order is not None:
        groups = _in_order_of_appearance(groups, order)
    try:
        train, test = hold_out(y, rows, test_size, seed, stratify, groups)
    except ValueError as error:
        raise BadInput(
            f"split.test_size={test_size}: does not fit a table of {len(y)} genes ({error})"
        ) from None
    _enough(y[train], classes, folds, f"split.folds={folds}", "the training part")
    _enough(y[test], classes, 1, f"split.test_size={test_size}", "the held-out part")
    inner = deal(train, y, groups, folds, seed, shuffle)
    for _, score_on in inner:
        _enough(y[score_on], classes, 1, f"split.folds={folds}", "a fold")
    scored = train if cv_rows == "train" else rows
    if repeats > 1:
        again = repeated(scored, y, groups, folds, seed, repeats)
        return Split(train, test, inner, again, rows, groups=groups)
    outer = inner if cv_rows == "train" else deal(rows, y, groups, folds, seed, shuffle)
    return Split(train, test, inner, outer, rows, groups=groups)


def _in_order_of_appearance(groups: npt.NDArray[Any], order: Indices) -> npt.NDArray[np.intp]:
    """Codes of the groups, numbered as they first appear in ``order``."""
    codes = np.empty(len(groups), np.intp)
    codes[order] = pd.factorize(groups[order])[0]
    return codes


def _enough(
    y: npt.NDArray[np.int64], classes: tuple[str, ...], needed: int, setting: str, where: str
) -> None:
    counts = np.bincount(y, minlength=len(classes))
    fewest = int(counts.argmin())
    if counts[fewest] < needed:
        raise BadInput(
            f"{setting}: {where} has {counts[fewest]} genes of class {classes[fewest]!r} and needs at least "
            f"{needed}; use a fuller table or change split.folds, split.test_size or split.stratify"
        )
