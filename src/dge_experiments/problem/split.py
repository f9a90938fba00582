"""The split: which genes are held out, and the folds of the training part."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.problem.dealing import Fold, Indices, deal, hold_out, repeated

log = logging.getLogger(__name__)
GENE = "gene (or group)"


@dataclass(frozen=True)
class Named:
    """A column by which genes are held out.

    Attributes
    ----------
    by, values : its name, and the values to hold out
    codes : shape (genes,), equal where genes have the same value
    held_out : shape (genes,), whether the gene has one of these values
    """

    by: str
    values: tuple[str, ...]
    codes: npt.NDArray[Any]
    held_out: npt.NDArray[np.bool_]


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
    groups : shape (genes,), equal for rows that are not independent, such as several of one gene, and are never on both
        sides; None where every row is independent
    together : shape (genes,), equal for rows that are never on both sides of a fold: ``groups``, or rows that share the
        value of a column
    by : what they share, in words
    held_out : the column and the values by which the test part was held out, in words; "" where it was drawn
    """

    train: Indices
    test: Indices
    folds: Sequence[Fold]
    cv_folds: Sequence[Fold]
    order: Indices
    full: "Split | None" = None
    groups: npt.NDArray[Any] | None = None
    together: npt.NDArray[Any] | None = None
    by: str = GENE
    held_out: str = ""

    @property
    def test_groups(self) -> npt.NDArray[Any] | None:
        """``groups`` of the held-out rows."""
        return None if self.groups is None else self.groups[self.test]

    @property
    def hash(self) -> str:
        """First 12 hex digits of the SHA-256 of all positions: equal hashes mean comparable scores.

        A sample has the hash of its full split: its folds hold some of the same genes.
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
    by: str = GENE,
    named: Named | None = None,
    repeats: int = 1,
    order: Indices | None = None,
) -> Split:
    """Hold out ``test_size`` of the genes, or the genes with certain values, and deal the others into stratified folds.

    Parameters
    ----------
    y : shape (genes,), int class codes
    stratify : keep the shares of the classes in both parts
    shuffle : shuffle rows before they are dealt into folds
    cv_rows : ``train``, or ``all`` to report the cross-validation on all rows, with the held-out ones
    groups : shape (genes,): rows of one group are never on both sides of the split or of a fold
    by : what they share, in words
    named : a column by which genes are held out, in place of ``test_size``. Folds keep the genes of a value together if
        every fold then has genes of every class; otherwise the column is ignored for the folds, with a warning
    repeats : repeats of the reported cross-validation, each on new folds
    order : positions of all rows in the order in which they are dealt (see ``order.by_id``); by default the order of
        the table

    Raises
    ------
    BadInput
        a class with fewer genes than folds
    """
    _enough(y, classes, folds + 1, f"split.folds={folds}", "the table")
    rows = np.arange(len(y), dtype=np.int32) if order is None else order.astype(np.int32)
    if groups is not None and order is not None:
        groups = _in_order_of_appearance(groups, order)
    together, held_out_by, setting = groups, "", f"split.test_size={test_size}"
    if named is None:
        try:
            train, test = hold_out(y, rows, test_size, seed, stratify, groups)
        except ValueError as error:
            raise BadInput(f"{setting}: does not fit a table of {len(y)} genes ({error})") from None
    else:
        train, test, setting = rows[~named.held_out[rows]], rows[named.held_out[rows]], "split.test"
        held_out_by = f"{named.by} {', '.join(named.values)}"
    _enough(y[train], classes, folds, f"split.folds={folds}", "the training part")
    _enough(y[test], classes, 1, setting, "the held-out part")
    if named is not None:
        values = named.codes if order is None else _in_order_of_appearance(named.codes, order)
        if _fits(train, y, values, folds, seed, shuffle, named.by):
            together, by = values, named.by
    inner = deal(train, y, together, folds, seed, shuffle)
    for _, score_on in inner:
        _enough(y[score_on], classes, 1, f"split.folds={folds}", "a fold")
    scored = train if cv_rows == "train" else rows
    if repeats > 1:
        outer: Sequence[Fold] = repeated(scored, y, together, folds, seed, repeats)
    else:
        outer = inner if cv_rows == "train" else deal(rows, y, together, folds, seed, shuffle)
    return Split(
        train, test, inner, outer, rows, groups=groups, together=together, by=by, held_out=held_out_by
    )


def _fits(
    train: Indices,
    y: npt.NDArray[np.int64],
    values: npt.NDArray[Any],
    folds: int,
    seed: int,
    shuffle: bool,
    by: str,
) -> bool:
    """Whether every fold has genes of every class if the genes of a value are kept together; warns where not."""
    if len(np.unique(values[train])) >= folds:
        classes = len(np.unique(y[train]))
        dealt_folds = deal(train, y, values, folds, seed, shuffle)
        if all(len(np.unique(y[part])) == classes for fold in dealt_folds for part in fold):
            return True
    log.warning(
        "split.by=%s: its values do not fill %d folds with genes of every class; folds are dealt without it",
        by, folds,
    )  # fmt: skip
    return False


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
        other = (
            "hold out other values" if setting == "split.test" else "change split.test_size or split.stratify"
        )
        raise BadInput(
            f"{setting}: {where} has {counts[fewest]} genes of class {classes[fewest]!r} and needs at least "
            f"{needed}; use a fuller table, change split.folds, or {other}"
        )
