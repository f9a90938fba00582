"""A stratified sample of a split, for models whose cost grows faster than the table."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dge_experiments.errors import BadInput
from dge_experiments.problem.dealing import Fold, Indices
from dge_experiments.problem.split import Split


def sample(split: Split, y: npt.NDArray[np.int64], max_rows: int | None, seed: int) -> Split:
    """The split with a stratified sample of at most ``max_rows`` training genes; the held-out part is unchanged.

    Folds keep the genes that are in the sample, so that a gene is scored in the same fold as by other models. A split
    of no more than ``max_rows`` training genes is returned unchanged.

    Raises
    ------
    BadInput
        ``max_rows`` below the number of classes, or too few genes of a class left for the folds
    """
    if max_rows is None:
        return split
    classes = len(np.unique(y))
    if max_rows < classes:
        raise BadInput(
            f"model.max_rows={max_rows}: must be at least {classes}, a gene of each class; leave it out for all genes"
        )
    train = stratified(split.train, y, max_rows, seed)
    if train is split.train:
        return split
    folds = _restricted(split.folds, train)
    if split.cv_folds is split.folds:
        cv_folds = folds
    else:
        scored = np.concatenate([score_on for _, score_on in split.cv_folds])
        rows = split.order[np.isin(split.order, scored)]
        cv_folds = _restricted(split.cv_folds, stratified(rows, y, max_rows, seed))
    fewest = min(len(np.unique(y[part])) for fold in (*folds, *cv_folds) for part in fold)
    if fewest < classes:
        raise BadInput(
            f"model.max_rows={max_rows}: leaves folds without genes of some class; give it more rows"
        )
    return replace(split, train=train, folds=folds, cv_folds=cv_folds, full=split)


def stratified(rows: Indices, y: npt.NDArray[np.int64], size: int | None, seed: int) -> Indices:
    """A stratified sample of ``size`` rows, in their order; all rows where there are no more.

    Every class keeps at least one gene (``sklearn.utils.resample`` may lose a rare class), and exactly ``size`` rows
    are drawn.

    Raises
    ------
    ValueError
        ``size`` below the number of classes
    """
    if size is None or len(rows) <= size:
        return rows
    codes, counts = np.unique(y[rows], return_counts=True)
    if size < len(codes):
        raise ValueError(f"{size} rows cannot hold a gene of each of {len(codes)} classes")
    shares = np.maximum(1, size * counts // len(rows))
    remaining = size - int(shares.sum())
    if remaining < 0:
        shares[shares.argmax()] += remaining
    else:
        shares[np.argsort(-(size * counts % len(rows)), kind="stable")[:remaining]] += 1
    rng = np.random.default_rng(seed)
    chosen = [
        rng.choice(rows[y[rows] == code], n, replace=False) for code, n in zip(codes, shares, strict=True)
    ]
    return rows[np.isin(rows, np.concatenate(chosen))]


def _restricted(folds: Sequence[Fold], rows: Indices) -> tuple[Fold, ...]:
    return tuple(
        (fit_on[np.isin(fit_on, rows)], score_on[np.isin(score_on, rows)]) for fit_on, score_on in folds
    )
