"""Two features that give the label away only together, as two group means give away which is higher."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from dge_experiments.problem.leak.rule import (
    FOLDS,
    INTERVALS,
    Codes,
    Floats,
    Folds,
    balanced_accuracy,
    chance_of_separation,
    fit,
    held_out,
    sample,
)

MAX_FEATURES = 12
MIN_GENES = 15
SCREEN_PER_CLASS = 2_500
SCREEN = 0.97
CHANCE = 1e-5


@dataclass(frozen=True)
class Pair:
    """Two features that answer the question together though neither does alone.

    Attributes
    ----------
    first, second : the features
    combination : how, e.g. ``baseMeanA - baseMeanB``
    balanced_accuracy : cross-validated, over all genes
    """

    first: str
    second: str
    combination: str
    balanced_accuracy: float


def leaking_pairs(
    X: pd.DataFrame,
    y: Codes,
    alone: dict[str, float],
    folds: Folds,
    threshold: float,
    seed: int,
    repeats: Collection[tuple[str, str]] = (),
) -> tuple[Pair, ...]:
    """Find the pairs of columns of `X` that answer the question together.

    For every pair: is the label read off its difference, sum, product, ratio or linear discriminant, cut
    into a few intervals, or off a tree of eight leaves on both? A pair is named only if the answer reaches
    `threshold` (or parts the classes without a mistake, which chance would do less than once in 100,000) and
    leaves at most half the error of the better feature alone. Bounds: the 12 columns best alone; all classes
    of 15 genes or more (with fewer, some combination fits by chance); pairs below 0.97 on 2,500 genes of
    each class, fitted and scored on the same genes, are not cross-validated. Other ways of combining two
    features, and three together, are not looked for.

    Parameters
    ----------
    X : rows are genes; the columns to pair
    y : shape (genes,), class codes from 0
    alone : column -> cross-validated balanced accuracy of the column alone
    folds : the folds that `alone` was measured on
    threshold : balanced accuracy that counts as an answer
    seed : draws the genes of the screen
    repeats : pairs of columns of which one is a monotone function of the other: no pair
    """
    if not searchable(y):
        return ()
    columns = sorted(X.columns, key=lambda c: -alone[c])[:MAX_FEATURES]
    chosen = sample(y, SCREEN_PER_CLASS, np.random.default_rng(seed))
    found = []
    for first, second in combinations([c for c in X.columns if c in columns], 2):
        if (first, second) in repeats or (second, first) in repeats:
            continue
        a, b = X[first].to_numpy(np.float64), X[second].to_numpy(np.float64)
        enough = max(threshold, 1 - (1 - max(alone[first], alone[second])) / 2)
        for combination, score in _answers(first, second, a, b, y, chosen, folds):
            if score >= enough:
                found.append(Pair(first, second, combination, score))
                break
    return tuple(found)


def searchable(y: Codes) -> bool:
    """Whether every class has the genes that a search over pairs needs."""
    return bool(np.bincount(y).min() >= MIN_GENES)


def _answers(
    first: str, second: str, a: Floats, b: Floats, y: Codes, chosen: NDArray[np.bool_], folds: Folds
) -> Iterator[tuple[str, float]]:
    """Combinations that pass the screen, with their balanced accuracy over all genes."""
    combined: dict[str, Callable[[Floats, Floats], Floats]] = {
        f"{first} - {second}": np.subtract,
        f"{first} + {second}": np.add,
        f"{first} * {second}": np.multiply,
        f"{first} / {second}": lambda a, b: np.nan_to_num(a / b),
        f"linear in {first} and {second}": _discriminant(a, b, y, folds.fitted),
    }
    few, codes = (a[chosen], b[chosen]), y[chosen]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for combination, combine in combined.items():
            part = combine(*few)
            if balanced_accuracy(codes, fit(part, codes).answer(part)) >= SCREEN:
                x = combine(a, b)
                separated = chance_of_separation(x, y) < CHANCE
                yield combination, 1.0 if separated else held_out(x, y, folds)
    ordered = _ranks(*few)
    if balanced_accuracy(codes, _tree(ordered, codes, ordered)) >= SCREEN:
        both = _ranks(a, b)
        answers = np.empty_like(y)
        for number in range(FOLDS):
            train, test = folds.fitted & (folds.fold != number), folds.fold == number
            answers[test] = _tree(both[train], y[train], both[test])
        yield f"cuts of {first} and {second}", balanced_accuracy(y, answers)


def _ranks(a: Floats, b: Floats) -> Codes:
    """Both columns by the order of their values, which a tree's 32 bits keep apart; shape (genes, 2)."""
    return np.column_stack([np.unique(v, return_inverse=True)[1] for v in (a, b)])


def _discriminant(
    a: Floats, b: Floats, y: Codes, fitted: NDArray[np.bool_]
) -> Callable[[Floats, Floats], Floats]:
    """Fisher's linear discriminant of the first class against the others, classes weighted equally."""
    scale = np.array([a.std() or 1.0, b.std() or 1.0])
    mean, within = [], np.zeros((2, 2))
    for members in (y == 0, y != 0):
        part = np.column_stack([a[members & fitted], b[members & fitted]]) / scale
        mean.append(part.mean(axis=0))
        within += np.cov(part, rowvar=False)
    weight = np.linalg.lstsq(within, mean[1] - mean[0], rcond=None)[0] / scale
    return lambda a, b: a * weight[0] + b * weight[1]


def _tree(X: Codes, y: Codes, new: Codes) -> Codes:
    tree = DecisionTreeClassifier(max_leaf_nodes=INTERVALS, class_weight="balanced", random_state=0)
    return np.asarray(tree.fit(X, y).predict(new), dtype=np.int64)
