"""The split: which genes are held out, and the folds of the rest."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, train_test_split

from dge_experiments.errors import BadInput

Indices = npt.NDArray[np.intp]
Fold = tuple[Indices, Indices]


@dataclass(frozen=True)
class Split:
    """Row positions.

    Attributes
    ----------
    train, test : the part the search sees, and the part held out
    folds : pairs (fit on, score on) inside ``train``, for the search
    cv_folds : pairs on which ``cv/<metric>`` is computed: ``folds``, or folds of all rows
    full : the split that this one is a sample of, or None
    """

    train: Indices
    test: Indices
    folds: tuple[Fold, ...]
    cv_folds: tuple[Fold, ...]
    full: "Split | None" = None

    @property
    def hash(self) -> str:
        """First 12 hex digits of the SHA-256 of all positions: equal hashes mean comparable scores.

        A sample has the hash of the split it was taken from: its folds hold some of the same genes.
        """
        if self.full:
            return self.full.hash
        parts = [self.test, *(score_on for _, score_on in (*self.folds, *self.cv_folds))]
        return hashlib.sha256(b"|".join(part.astype("<i8").tobytes() for part in parts)).hexdigest()[:12]


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
) -> Split:
    """Hold out ``test_size`` of the genes, and deal the rest into stratified folds.

    Parameters
    ----------
    y : shape (genes,), int class codes
    stratify : keep the classes' shares in both parts
    shuffle : shuffle rows before they are dealt into folds
    cv_rows : ``train``, or ``all`` to report the cross-validation on all rows, the held-out ones among them

    Raises
    ------
    BadInput
        a size outside (0, 1), fewer than 2 folds, a class with fewer genes than folds
    """
    if not 0 < test_size < 1:
        raise BadInput(f"split.test_size={test_size}: must lie between 0 and 1, such as 0.2")
    if folds < 2:
        raise BadInput(f"split.folds={folds}: cross-validation needs 2 or more")
    if cv_rows not in ("train", "all"):
        raise BadInput(f"split.cv_rows={cv_rows}: must be train or all")
    _enough(y, classes, folds + 1, f"split.folds={folds}", "the table")
    rows = np.arange(len(y))
    try:
        train, test = train_test_split(
            rows, test_size=test_size, random_state=seed, stratify=y if stratify else None
        )
    except ValueError as error:
        raise BadInput(
            f"split.test_size={test_size}: does not fit a table of {len(y)} genes ({error})"
        ) from None
    _enough(y[train], classes, folds, f"split.folds={folds}", "the training part")
    _enough(y[test], classes, 1, f"split.test_size={test_size}", "the held-out part")
    dealer = StratifiedKFold(folds, shuffle=shuffle, random_state=seed if shuffle else None)
    inner = _deal(dealer, train, y)
    return Split(train, test, inner, inner if cv_rows == "train" else _deal(dealer, rows, y))


def _deal(dealer: Any, rows: Indices, y: npt.NDArray[np.int64]) -> tuple[Fold, ...]:
    return tuple((rows[fit_on], rows[score_on]) for fit_on, score_on in dealer.split(rows, y[rows]))


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
