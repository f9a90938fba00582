"""What each feature adds to the models it joins, over all subsets or over sampled orders of the features."""

from itertools import chain, combinations

import numpy as np

from dge_experiments.explanation.inputs import Floats
from dge_experiments.explanation.subset_fit import Subset


def all_subsets(p: int) -> list[Subset]:
    return list(chain.from_iterable(combinations(range(p), size) for size in range(p + 1)))


def rotations(p: int, rounds: int, seed: int) -> list[Subset]:
    """``rounds`` random orders, each in all its rotations; shape (rounds * p, p)."""
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(p).tolist() for _ in range(rounds)]
    return [tuple(order[shift:] + order[:shift]) for order in orders for shift in range(p)]


def prefixes(orders: list[Subset]) -> list[Subset]:
    return sorted({tuple(sorted(order[:size])) for order in orders for size in range(len(order) + 1)})


def exact_contributions(p: int, r2: dict[Subset, float]) -> Floats:
    """Mean contribution of each feature at each size; shape (1, features, sizes)."""
    total, count = np.zeros((p, p)), np.zeros((p, p))
    for subset in r2:
        for feature in set(range(p)).difference(subset):
            total[feature, len(subset)] += r2[with_feature(subset, feature)] - r2[subset]
            count[feature, len(subset)] += 1
    return (total / count)[None]


def sampled_contributions(orders: list[Subset], r2: dict[Subset, float], rounds: int) -> Floats:
    """Contribution of each feature at each place of the sampled orders; shape (rounds, features, sizes)."""
    p = len(orders[0])
    contributions = np.empty((rounds, p, p))
    for number, order in enumerate(orders):
        for size, feature in enumerate(order):
            before = tuple(sorted(order[:size]))
            contributions[number // p, feature, size] = r2[with_feature(before, feature)] - r2[before]
    return contributions


def with_feature(subset: Subset, feature: int) -> Subset:
    return tuple(sorted((*subset, feature)))
