"""Does the leak audit cry wolf, and does it sleep? python benchmarks/methods/leak_audit.py [REPEATS]

Simulated tables whose answer is known; figures in docs/methods.md. REPEATS scales the number of tables (default 1,
a few minutes on one core).
"""

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from dge_experiments.problem.leak import audit

STRONGEST = 0.99


def labels(values: np.ndarray, prevalence: float) -> np.ndarray:
    """1 for the largest values."""
    return (stats.rankdata(values, method="ordinal") > len(values) * (1 - prevalence)).astype(int)


def honest(y: np.ndarray, aucs: np.ndarray, correlation: float, rng: np.random.Generator) -> np.ndarray:
    """Normal in each class, equally correlated there, with these areas under the ROC curve."""
    common = rng.normal(size=(len(y), 1)) * np.sqrt(correlation)
    own = rng.normal(size=(len(y), len(aucs))) * np.sqrt(1 - correlation)
    return common + own + np.sqrt(2) * stats.norm.ppf(aucs) * y[:, None]


def alarm(genes: int, prevalence: float, features: int, correlation: float, seed: int) -> tuple[bool, bool]:
    """Whether an honest table has a label source; whether a feature that is worth less than 0.90 was graded."""
    rng = np.random.default_rng([genes, features, seed])
    y = labels(rng.normal(size=genes), prevalence)
    aucs = rng.uniform(0.5, STRONGEST, features)
    aucs[0] = STRONGEST
    X = pd.DataFrame(honest(y, aucs, correlation, rng)).rename(columns="x{}".format)
    found = audit(X, y, (), seed=seed)
    weak = [f"x{i}" for i in np.flatnonzero(stats.norm.cdf(stats.norm.ppf(aucs) / np.sqrt(2)) < 0.85)]
    return bool(found.sources), any(name in found.withheld for name in weak)


Plant = tuple[int, Callable[..., np.ndarray]]
PLANTS: dict[str, Plant] = {
    "a copy": (1, lambda a: a),
    "buckets of a fifth": (1, lambda a: a),
    "a value plus 5 % noise": (1, lambda a: a),
    "a difference": (2, lambda a, b: a - b),
    "a sum": (2, lambda a, b: a + b),
    "a product": (2, lambda a, b: a * b),
    "a ratio": (2, lambda a, b: a / b),
    "a circle": (2, lambda a, b: -(a**2 + b**2)),
    "two cuts": (2, lambda a, b: np.minimum(a, b)),
    "a plane of three": (3, lambda a, b, c: a + b - 2 * c),
    "a sphere": (3, lambda a, b, c: -(a**2 + b**2 + c**2)),
    "three cuts": (3, lambda a, b, c: np.minimum(np.minimum(a, b), c)),
    "a product of three": (3, lambda a, b, c: a * b * c),
}


COARSE = ("buckets of a fifth",)  # wrong in up to 10 % of a class by themselves


def planted(plant: str, genes: int, prevalence: float, noise: float, seed: int) -> tuple[bool, bool]:
    """Whether all of a planted leak are label sources; whether some of it is left out of the honest score."""
    rng = np.random.default_rng([genes, seed, list(PLANTS).index(plant)])
    members, shape = PLANTS[plant]
    X = rng.normal(size=(genes, members))
    y = labels(shape(*X.T), prevalence)
    if plant.startswith("buckets"):
        X = np.floor(stats.rankdata(X, axis=0) * 5 / (genes + 1))
    if plant.startswith("a value"):
        X = X + 0.05 * rng.normal(size=X.shape)
    X = swapped(X, y, noise, rng)
    beside = honest(y, rng.uniform(0.5, 0.9, 6 - members), 0.0, rng)
    table = pd.DataFrame(np.column_stack([X, beside])).rename(columns="x{}".format)
    found = audit(table, y, (), seed=seed)
    names = {f"x{i}" for i in range(members)}
    return names <= set(found.sources), bool(names & set(found.withheld))


def swapped(X: np.ndarray, y: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """`share` of the rows of each class take their values from rows of the other class."""
    mixed = X.copy()
    for label in (0, 1):
        rows = np.flatnonzero(y == label)
        wrong = rows[rng.random(len(rows)) < share]
        mixed[wrong] = X[rng.choice(np.flatnonzero(y != label), len(wrong))]
    return mixed


def percent(hits: list[bool]) -> str:
    low, high = stats.binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
    return f"{np.mean(hits):.1%} [{low:.1%}, {high:.1%}] of {len(hits)}"


def false_alarms(repeats: float) -> None:
    print(
        "| honest features | tables by size | called a leak (promised: 5 % at most) | weak feature graded |"
    )
    print("|---|---|---|---|", flush=True)
    every: list[bool] = []
    for features, counts in ((6, (24, 24, 16, 4)), (20, (8, 8, 4, 1)), (50, (4, 4, 2, 1))):
        for correlation in (0.0, 0.5):
            tables = [
                (genes, prevalence, features, correlation, seed)
                for genes, count in zip((60, 200, 1_000, 12_000), counts, strict=True)
                for seed in range(max(1, round(count * repeats / 2)))
                for prevalence in (0.5, 0.1, 0.02)
                if genes * prevalence >= 5
            ]
            alarms, graded = zip(*(alarm(*table) for table in tables), strict=True)
            every += alarms
            name = f"{features}, correlation {correlation} within a class"
            print(
                f"| {name} | 60 to 12,000 | {percent(list(alarms))} | {percent(list(graded))} |", flush=True
            )
    print(f"| all | | {percent(every)} | |\n", flush=True)


def power(repeats: float) -> None:
    print("| planted | 0 % wrong: a source | 0 to 5 % wrong: source or graded (promised: 95 %) |")
    print("|---|---|---|", flush=True)
    every: list[bool] = []
    small: list[bool] = []
    for plant in PLANTS:
        clean, either = [], []
        for seed in range(max(2, round(5 * repeats))):
            rng = np.random.default_rng(seed)
            genes, prevalence = (
                round(np.exp(rng.uniform(np.log(500), np.log(12_000)))),
                rng.choice([0.5, 0.3, 0.2]),
            )
            for noise in (0.0,) if plant in COARSE else (0.0, 0.02, 0.05):
                source, withheld = planted(plant, genes, prevalence, noise, seed)
                either.append(withheld)
                clean += [source] if noise == 0 else []
        every += either
        for seed in range(max(2, round(2 * repeats))):
            small += [planted(plant, genes, 0.4, 0.02, seed)[1] for genes in (100, 250)]
        print(f"| {plant} | {percent(clean)} | {percent(either)} |", flush=True)
    print(f"| all, 500 to 12,000 genes, prevalence 0.2 to 0.5 | | {percent(every)} |")
    print(f"| all, 100 and 250 genes, 2 % wrong | | {percent(small)} |", flush=True)


if __name__ == "__main__":
    chosen = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    power(chosen)
    print()
    false_alarms(chosen)
