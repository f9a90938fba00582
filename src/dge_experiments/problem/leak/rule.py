"""How much one column tells about the label: it is cut into a few intervals, with one class each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from dge_experiments.problem.leak.score import Codes, Floats, Score, score
from dge_experiments.problem.leak.tree import grow, ordered

INTERVALS = (2, 3, 8)
FOLDS = 5
ROWS_PER_CLASS = 10_000


@dataclass(frozen=True)
class Rule:
    """Intervals of one feature and the class of each.

    Attributes
    ----------
    cuts : shape (intervals - 1,), ascending; a value equal to a cut lies below it
    classes : shape (intervals,), class codes
    """

    cuts: Floats
    classes: Codes

    def answer(self, x: Floats) -> Codes:
        """Class codes of the values `x`, shape (genes,)."""
        return self.classes[np.searchsorted(self.cuts, x, side="left")]


@dataclass(frozen=True)
class Folds:
    """Which fold tests each gene, and which genes a rule may be fitted on.

    Attributes
    ----------
    fold : shape (genes,), the fold that tests the gene
    fitted : shape (genes,), True for at most `ROWS_PER_CLASS` genes of each class, drawn at random
    """

    fold: Codes
    fitted: NDArray[np.bool_]


def stratified_folds(y: Codes, seed: int) -> Folds:
    """Five folds with the classes in equal shares; every class needs at least five genes."""
    rng = np.random.default_rng(seed)
    fold = np.empty(len(y), dtype=np.int64)
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=int(rng.integers(2**31)))
    for number, (_, test) in enumerate(splitter.split(y, y)):
        fold[test] = number
    return Folds(fold, sample(y, ROWS_PER_CLASS, rng))


def sample(y: Codes, per_class: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Mark at most `per_class` genes of each class, drawn at random; small classes are kept whole."""
    chosen = np.zeros(len(y), dtype=bool)
    for code in np.unique(y):
        members = np.flatnonzero(y == code)
        chosen[rng.permutation(members)[:per_class]] = True
    return chosen


def fit(x: Floats, y: Codes) -> tuple[Rule, ...]:
    """Fit a rule of each of `INTERVALS` by one classification tree on `x`, classes weighted equally.

    The tree grows best split first, so that its first splits are the smaller rules: a gene on the wrong side of one
    cut costs a rule of two intervals less than one of eight. The tree sees only the order of the values, so
    that P-values of 1e-300 and differences below single precision count; a cut lies midway between the two
    values that it separates.
    """
    values, places = ordered(x)
    tree = grow(places[:, None], y, INTERVALS[-1])
    rules = []
    for intervals in INTERVALS:
        below = np.sort(tree.fitted.tree_.threshold[tree.splits(intervals)]).astype(np.int64)
        low, high = values[below], values[below + 1]
        middle = low / 2 + high / 2
        cuts = np.where((low <= middle) & (middle < high), middle, low)
        last = np.append(below, len(values) - 1).astype(np.float32)
        rules.append(Rule(cuts, tree.answers(last[:, None], intervals)))
    return tuple(rules)


def held_out(x: Floats, y: Codes, folds: Folds) -> Score:
    """The best rule's cross-validated score.

    Every gene is predicted once, by a rule fitted on genes of the other folds. At most `ROWS_PER_CLASS` genes
    of each class are fitted on; all genes are tested, so that the score describes the whole table.
    """
    answers = np.empty((len(INTERVALS), len(y)), dtype=np.int64)
    for number in range(FOLDS):
        train = folds.fitted & (folds.fold != number)
        test = folds.fold == number
        for k, rule in enumerate(fit(x[train], y[train])):
            answers[k, test] = rule.answer(x[test])
    return max((score(y, answer) for answer in answers), key=lambda candidate: candidate.value)
