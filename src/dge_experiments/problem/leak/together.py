"""Joint leaks: two or three features that give the label away only together, as two group means give the direction."""

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
    """Features that give the label together, but not alone.

    Attributes
    ----------
    features : two or three names
    score : cross-validated, over at most 2,500 genes of each class
    independent : balanced accuracy of features that tell as much alone, but are independent within each class
    tried : how many combinations were examined
    """

    features: tuple[str, ...]
    score: Score
    independent: float
    tried: int

    @property
    def low(self) -> float:
        """Lower limit of the score, corrected for the number of combinations tried."""
        return self.score.low(LEVEL / self.tried)


def searchable(y: Codes) -> bool:
    """Whether every class has the genes that the search needs."""
    return bool(np.bincount(y).min() >= MIN_GENES)


def search(X: pd.DataFrame, y: Codes, alone: Mapping[str, Score], seed: int) -> tuple[Combination, ...]:
    """Find pairs and triples of columns of `X` that give the label together.

    Many strong features predict most labels well together, without any leak. A joint leak lies in the dependence of
    features within a class: it is lost when each column is shuffled within each class, which keeps what every column
    tells alone. A combination is reported where its cross-validated score is above that of such shuffled columns and
    above any of its members (by the lower limit, corrected for all combinations tried), and where it leaves at most 0.6
    of their errors. A triple that holds a reported pair is skipped.

    Quadratic discriminants of every pair and triple of the 50 columns best alone select the few that are examined
    closely (on 2,500 genes of each class; of many combinations, the best 200 on 250 genes). The columns of the leaks
    found are removed and the others searched again. Leaks of four features or more are not searched for.

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
    remaining, codes, leaks = X[names].iloc[rows], y[rows], []
    while len(remaining.columns) > 1:
        new_leaks = _round(remaining, codes, np.array([alone[str(name)].value for name in remaining]), seed)
        if not new_leaks:
            break
        leaks += new_leaks
        remaining = remaining.drop(
            columns=[name for leak in new_leaks for name in leak.features], errors="ignore"
        )
    return tuple(leaks)


def shuffled_within(X: Floats, y: Codes, rng: np.random.Generator) -> Floats:
    """Each column shuffled within each class: this keeps what it tells alone, and breaks the dependence of columns."""
    shuffled = np.empty_like(X)
    for code in np.unique(y):
        rows = np.flatnonzero(y == code)
        shuffled[rows] = rng.permuted(X[rows], axis=0)
    return shuffled


def _round(X: pd.DataFrame, y: Codes, alone: Floats, seed: int) -> list[Combination]:
    """Leaking combinations of the columns of `X`; none holds another."""
    rng = np.random.default_rng(seed)
    values, names, folds = X.to_numpy(np.float64), X.columns, stratified_folds(y, seed)
    sizes = range(2, min(3, len(names)) + 1)
    subsets = [np.array(list(combinations(range(len(names)), k)), dtype=np.int64) for k in sizes]
    tried = sum(map(len, subsets))
    leaking: list[Combination] = []
    for members in (subset for group in subsets for subset in _promising(values, y, alone, group, rng)):
        features = tuple(names[members])
        if any(set(other.features) <= set(features) for other in leaking):
            continue
        part = values[:, members]
        joint = joint_score(part, y, folds)
        shuffled = [joint_score(shuffled_within(part, y, rng), y, folds).value for _ in range(SHUFFLES)]
        independent = float(np.mean(shuffled))
        best_apart = max(independent, float(alone[members].max()))
        combination = Combination(features, joint, independent, tried)
        if (
            joint.nearly(tried)
            and combination.low > best_apart
            and 1 - joint.value <= ERROR_LEFT * (1 - best_apart)
        ):
            leaking.append(combination)
    return leaking


def _promising(X: Floats, y: Codes, alone: Floats, subsets: Subsets, rng: np.random.Generator) -> Subsets:
    """The few subsets with the fewest errors of their discriminant, relative to its errors on shuffled columns."""
    if len(subsets) > SHORT_LIST:
        subsample = sample(y, FIRST_PER_CLASS, rng)
        _, gain = _screened(X[subsample], y[subsample], alone, subsets, rng)
        subsets = subsets[np.argsort(-gain, kind="stable")[:SHORT_LIST]]
    errors_left, gain = _screened(X, y, alone, subsets, rng)
    good = np.flatnonzero((errors_left <= SCREEN_LEFT) & (gain >= SCREEN_GAIN))
    return subsets[good[np.argsort(errors_left[good], kind="stable")[:CANDIDATES]]]


def _screened(
    X: Floats, y: Codes, alone: Floats, subsets: Subsets, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Errors of each subset's discriminant relative to those on shuffled columns, and the gain in standard errors."""
    size = np.bincount(y)
    errors = 1 - screen(X, y, subsets)
    errors_apart = 1 - np.maximum(screen(shuffled_within(X, y, rng), y, subsets), alone[subsets].max(axis=1))
    standard_error = np.sqrt((errors + errors_apart) * np.mean(1 / size) / len(size))
    floor = np.finfo(float).tiny
    return errors / np.maximum(errors_apart, floor), (errors_apart - errors) / np.maximum(
        standard_error, floor
    )
