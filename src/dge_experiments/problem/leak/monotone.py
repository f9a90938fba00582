"""Features that are monotone functions of another one, as P.Value, adj.P.Val and B are of ``|t|``."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import kendalltau

AGREEMENT = 0.999
CHANCE = 1e-6
SCREEN_ROWS = 2_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Relation:
    """`feature` is a monotone function of `of`, or of its size where `absolute`."""

    feature: str
    of: str
    absolute: bool

    @property
    def scale(self) -> str:
        """What it is a function of, as biologists write it: ``t`` or ``|t|``."""
        return f"|{self.of}|" if self.absolute else self.of


def gamma(x: Floats, y: Floats) -> float:
    """Goodman and Kruskal's gamma: concordant less discordant pairs of genes, over their sum.

    Pairs tied in `x` or `y` do not count, so rounding and P-values that underflowed to 0 leave a monotone
    relation at exactly 1 or -1, where Spearman's and Kendall's coefficients drop. nan if no pair counts.

    References
    ----------
    Goodman and Kruskal 1954, doi:10.1080/01621459.1954.10501231
    """
    tau = float(kendalltau(x, y, method="asymptotic").statistic)
    codes_x, codes_y = (np.unique(v, return_inverse=True)[1].astype(np.int64) for v in (x, y))
    joint = codes_x * (int(codes_y.max()) + 1) + codes_y
    pairs = len(x) * (len(x) - 1) / 2
    tied_x, tied_y, tied_both = (_tied_pairs(codes) for codes in (codes_x, codes_y, joint))
    untied = pairs - tied_x - tied_y + tied_both
    if np.isnan(tau) or untied <= 0:
        return float("nan")
    return float(tau * np.sqrt(pairs - tied_x) * np.sqrt(pairs - tied_y) / untied)


def relations(X: pd.DataFrame, seed: int) -> list[Relation]:
    """Every monotone relation between two columns of `X` (rows are genes).

    A relation holds where gamma >= 0.999 or <= -0.999 over all genes (the tolerance of a thousandth is for tables
    whose genes have different degrees of freedom), and where columns with these ties would agree by chance less
    often than once in a million. Pairs that are clearly lower on 2,000 genes drawn with `seed` are skipped.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(X))[:SCREEN_ROWS])
    values = {name: X[name].to_numpy(dtype=np.float64) for name in X.columns}
    ordered = {name: v for name, v in values.items() if _chance_of_order(v) < CHANCE}
    signed = {name: np.abs(v) for name, v in ordered.items() if v.min() < 0 < v.max()}
    signed = {name: v for name, v in signed.items() if _chance_of_order(v) < CHANCE}
    related = []
    for feature, of in permutations(ordered, 2):
        if _agree(ordered[feature], ordered[of], rows):
            related.append(Relation(feature, of, absolute=False))
        elif of in signed and _agree(ordered[feature], signed[of], rows):
            related.append(Relation(feature, of, absolute=True))
    return related


def representatives(
    X: pd.DataFrame, related: list[Relation], preferred: Iterable[str]
) -> dict[str, Relation]:
    """For each redundant feature, its relation to the representative of its group.

    The representative is the most informative feature: a signed one before functions of its size, then one
    of `preferred`, then the one with most distinct values, then the first column.
    """
    preferred = set(preferred)
    position = {name: i for i, name in enumerate(X.columns)}
    distinct = {str(name): int(n) for name, n in X.nunique().items()}
    of_size = {relation.feature for relation in related if relation.absolute}
    rank = sorted(X.columns, key=lambda c: (c in of_size, c not in preferred, -distinct[c], position[c]))
    by_pair = {(relation.feature, relation.of): relation for relation in related}
    leaders: list[str] = []
    redundant: dict[str, Relation] = {}
    for feature in rank:
        relation = next(
            (by_pair[feature, leader] for leader in leaders if (feature, leader) in by_pair), None
        )
        if relation is None:
            leaders.append(feature)
        else:
            redundant[feature] = relation
    return {name: redundant[name] for name in X.columns if name in redundant}


def groups(redundant: dict[str, Relation]) -> dict[str, tuple[str, ...]]:
    """Members of each monotone group, its representative first; named ``|t|`` if one follows its size."""
    members: dict[str, list[Relation]] = {}
    for relation in redundant.values():
        members.setdefault(relation.of, []).append(relation)
    return {
        f"|{leader}|" if any(r.absolute for r in group) else leader: (leader, *(r.feature for r in group))
        for leader, group in members.items()
    }


def _agree(x: Floats, y: Floats, rows: NDArray[np.int64]) -> bool:
    screen = gamma(x[rows], y[rows])
    if abs(screen) < AGREEMENT - 0.01:
        return False
    return bool(abs(gamma(x, y)) >= AGREEMENT)


def _chance_of_order(values: Floats) -> float:
    """Chance that values with these ties, in random order, are sorted up or down."""
    ties = np.unique(values, return_counts=True)[1]
    return float(np.exp(np.log(2) + np.sum(gammaln(ties + 1)) - gammaln(len(values) + 1)))


def _tied_pairs(codes: NDArray[np.int64]) -> float:
    ties = np.unique(codes, return_counts=True)[1].astype(np.float64)
    return float(np.sum(ties * (ties - 1) / 2))
