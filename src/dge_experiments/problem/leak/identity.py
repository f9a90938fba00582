"""How much the position of a row and the name of its gene tell about the label, which no model sees."""

import re

import numpy as np
import pandas as pd

from dge_experiments.problem.leak.rule import FOLDS, Folds, held_out, sample, stratified_folds
from dge_experiments.problem.leak.score import Codes, Score, score

ROWS_PER_CLASS = 5_000
BEGINNING = re.compile(r"^\D*")
NUMBER = re.compile(r"(\d{1,15})\D*$")
END = re.compile(r"\D*$")


def identity_scores(genes: pd.Series, X: pd.DataFrame, y: Codes, seed: int) -> dict[str, Score]:
    """Cross-validated scores of the order of the rows, and of beginning, end and number of the genes' names.

    A table whose positives come first, or whose ids are ``pos_1`` and ``neg_1``, was put together by its
    label. The order is skipped where the rows are sorted by one of the columns, which then tells the same.

    Parameters
    ----------
    genes : the name of each row, in the order of the file
    X : rows are genes; all columns of the table
    y : shape (genes,), class codes from 0, each class with five genes or more
    """
    rows = np.flatnonzero(sample(y, ROWS_PER_CLASS, np.random.default_rng(seed)))
    codes, folds = y[rows], stratified_folds(y[rows], seed)
    names = genes.iloc[rows].astype(str).tolist()
    numbers = [float(match[1]) if (match := NUMBER.search(name)) else -1.0 for name in names]
    scores = {
        "the beginning of the gene's name": _of_groups(_cut(BEGINNING, names), codes, folds),
        "the end of the gene's name": _of_groups(_cut(END, names), codes, folds),
        "the number in the gene's name": held_out(np.array(numbers), codes, folds),
    }
    if not any(_sorted(X[column].to_numpy()) for column in X):
        scores["the order of the rows"] = held_out(rows.astype(np.float64), codes, folds)
    return scores


def _cut(pattern: re.Pattern[str], names: list[str]) -> Codes:
    """Codes that are equal where names have the same piece."""
    pieces = [match[0].lower() if (match := pattern.search(name)) else "" for name in names]
    return pd.factorize(np.array(pieces, dtype=object))[0].astype(np.int64)


def _of_groups(groups: Codes, y: Codes, folds: Folds) -> Score:
    """Score of answering each group with the class that has the largest share of its genes there."""
    size = np.bincount(y)
    answers = np.empty_like(y)
    for number in range(FOLDS):
        train, test = folds.fold != number, folds.fold == number
        cells = np.bincount(groups[train] * len(size) + y[train], minlength=(groups.max() + 1) * len(size))
        answers[test] = (cells.reshape(-1, len(size)) / size).argmax(axis=1)[groups[test]]
    return score(y, answers)


def _sorted(x: np.ndarray) -> bool:
    steps = np.diff(x), np.diff(np.abs(x))
    return any(np.all(step >= 0) or np.all(step <= 0) for step in steps) and x[0] != x[-1]
