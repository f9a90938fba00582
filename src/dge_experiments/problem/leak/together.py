"""Two or three features that give the label away only together, as two group means give away the direction."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from dge_experiments.problem.leak.joint import joint_score
from dge_experiments.problem.leak.quadratic import Subsets, screen
from dge_experiments.problem.leak.rule import sample, stratified_folds
from dge_experiments.problem.leak.score import LEVEL, Codes, Floats, Score

MIN_GENES = 15
MAX_COLUMNS = 50
FIRST_PER_CLASS = 250
PER_CLASS = 2_500
SHORT_LIST = 200
CANDIDATES = 5
SHUFFLES = 3
ERROR_LEFT = 0.6
SCREEN_LEFT = 0.75
SCREEN_GAIN = 2.0


@dataclass(frozen=True)
class Combination:
    """Features that answer the question together though none of them does alone.

    Attributes
    ----------
    features : two or three names
    score : cross-validated, over at most 2,500 genes of each class
    independent : balanced accuracy where each feature says as much alone, but they say it independently
    tried : how many combinations were looked at
    """

    features: tuple[str, ...]
    score: Score
    independent: float
    tried: int

    @property
    def low(self) -> float:
        """Lower limit of the score, allowing for all that were tried."""
        return self.score.low(LEVEL / self.tried)


def searchable(y: Codes) -> bool:
    """Whether every class has the genes that the search needs."""
    return bool(np.bincount(y).min() >= MIN_GENES)


def search(X: pd.DataFrame, y: Codes, alone: Mapping[str, Score], seed: int) -> tuple[Combination, ...]:
    """Find pairs and triples of columns of `X` that answer the question together.

    Many strong features answer most questions together, and honestly so. A leak is read off how features lie
    to each other within a class: it is lost when each column is shuffled within each class, which leaves what
    every column says alone. A combination is named where its cross-validated score lies above that of such
    shuffled columns and above any of its members (lower limit, allowing for all combinations tried), and leaves
    at most 0.6 of their errors. A triple that holds a named pair is passed over.

    Quadratic discriminants of every pair and triple of the 50 columns best alone (on 2,500 genes of each
    class; of many combinations, 200 that passed on 250) choose the few that are looked at closely. What is
    found is taken out and the rest searched again. Leaks of four features and more are not looked for.

    Parameters
    ----------
    X : rows are genes; the columns to combine
    y : shape (genes,), class codes from 0
    alone : column -> its score alone
    seed : draws genes, folds and shuffles

    References
    ----------
    Ojala and Garriga 2010, Permutation tests for studying classifier performance (their test 2),
    https://jmlr.org/papers/v11/ojala10a.html
    """
    if not searchable(y):
        return ()
    rows = np.flatnonzero(sample(y, PER_CLASS, np.random.default_rng(seed)))
    names = sorted(X.columns, key=lambda name: -alone[name].value)[:MAX_COLUMNS]
    left, codes, found = X[names].iloc[rows], y[rows], []
    while len(left.columns) > 1:
        named = _round(left, codes, np.array([alone[str(name)].value for name in left]), seed)
        if not named:
            break
        found += named
        left = left.drop(columns=[name for one in named for name in one.features], errors="ignore")
    return tuple(found)


def shuffled_within(X: Floats, y: Codes, rng: np.random.Generator) -> Floats:
    """Each column in random order within each class: what it says alone stays, how columns lie together goes."""
    shuffled = np.empty_like(X)
    for code in np.unique(y):
        rows = np.flatnonzero(y == code)
        shuffled[rows] = rng.permuted(X[rows], axis=0)
    return shuffled


def _round(X: pd.DataFrame, y: Codes, alone: Floats, seed: int) -> list[Combination]:
    """Combinations of the columns of `X`, none of which holds another."""
    rng = np.random.default_rng(seed)
    values, names, folds = X.to_numpy(np.float64), X.columns, stratified_folds(y, seed)
    sizes = range(2, min(3, len(names)) + 1)
    subsets = [np.array(list(combinations(range(len(names)), k)), dtype=np.int64) for k in sizes]
    tried = sum(map(len, subsets))
    named: list[Combination] = []
    for members in (one for group in subsets for one in _promising(values, y, alone, group, rng)):
        features = tuple(names[members])
        if any(set(other.features) <= set(features) for other in named):
            continue
        part = values[:, members]
        together = joint_score(part, y, folds)
        apart = [joint_score(shuffled_within(part, y, rng), y, folds).value for _ in range(SHUFFLES)]
        independent = float(np.mean(apart))
        without = max(independent, float(alone[members].max()))
        found = Combination(features, together, independent, tried)
        if (
            together.nearly(tried)
            and found.low > without
            and 1 - together.value <= ERROR_LEFT * (1 - without)
        ):
            named.append(found)
    return named


def _promising(X: Floats, y: Codes, alone: Floats, subsets: Subsets, rng: np.random.Generator) -> Subsets:
    """The few subsets whose discriminant errs least, measured by its errors on shuffled columns."""
    if len(subsets) > SHORT_LIST:
        few = sample(y, FIRST_PER_CLASS, rng)
        _, gain = _screened(X[few], y[few], alone, subsets, rng)
        subsets = subsets[np.argsort(-gain, kind="stable")[:SHORT_LIST]]
    errors_left, gain = _screened(X, y, alone, subsets, rng)
    good = np.flatnonzero((errors_left <= SCREEN_LEFT) & (gain >= SCREEN_GAIN))
    return subsets[good[np.argsort(errors_left[good], kind="stable")[:CANDIDATES]]]


def _screened(
    X: Floats, y: Codes, alone: Floats, subsets: Subsets, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Errors of each subset's discriminant over those without its joint part, and the gain in standard errors."""
    size = np.bincount(y)
    errors = 1 - screen(X, y, subsets)
    without = 1 - np.maximum(screen(shuffled_within(X, y, rng), y, subsets), alone[subsets].max(axis=1))
    spread = np.sqrt((errors + without) * np.mean(1 / size) / len(size))
    floor = np.finfo(float).tiny
    return errors / np.maximum(without, floor), (without - errors) / np.maximum(spread, floor)
