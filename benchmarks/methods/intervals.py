"""How often the 95 % intervals hold the true score: python benchmarks/methods/intervals.py [draws].

Populations of known scores: the score of a gene is normal, higher by `shift` in class 1 (``weak`` 0.8, ``strong`` 1.6,
``sharp`` 4), or higher by 2.4 in half of class 1 only (``half``); the probability is the true one, the class is called
at the prevalence. Genes are drawn at random, with at least two of class 1, or with a fixed number of class 1
(``stratified``, for the scores that do not depend on the prevalence). ``three`` has three classes, of 60, 30 and
10 %; ``clustered`` has up to six rows a gene, whose scores share three quarters of their variance.
"""

import sys
import time

import numpy as np
import pandas as pd

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.intervals import intervals
from dge_experiments.search.prediction import Prediction

TABLES = ((60, 4), (60, 30), (200, 4), (200, 20), (2_000, 40), (2_525, 129))
SHIFTS = {"weak": 0.8, "strong": 1.6, "sharp": 4.0, "half": 2.4}
LARGE = 400_000
FREE_OF_PREVALENCE = ["balanced_accuracy", "roc_auc"]


def scored(kind: str, y: np.ndarray, share: float, rng: np.random.Generator) -> Prediction:
    """Scores of the genes, their true probability of class 1, and the class called at the prevalence."""
    shift = SHIFTS[kind]
    moved = y * (rng.random(len(y)) < 0.5) if kind == "half" else y
    x = rng.normal(size=len(y)) + shift * moved
    ratio = np.exp(shift * x - shift**2 / 2)
    odds = share / (1 - share) * (0.5 + 0.5 * ratio if kind == "half" else ratio)
    p = odds / (1 + odds)
    return Prediction((p > share).astype(np.int64), p, np.column_stack([1 - p, p]))


def of_three(y: np.ndarray, rng: np.random.Generator) -> Prediction:
    x = rng.normal(size=(len(y), 3)) + 1.2 * np.eye(3)[y]
    odds = np.array([0.6, 0.3, 0.1]) * np.exp(1.2 * x)
    p = odds / odds.sum(axis=1, keepdims=True)
    return Prediction(p.argmax(axis=1).astype(np.int64), p, p)


def clustered(
    genes: int, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, Prediction, np.ndarray]:
    """Rows of genes; the rows of a gene share their class and three quarters of the noise."""
    of_gene = np.repeat(np.arange(genes), rng.integers(1, 7, genes))
    y = (rng.random(genes) < share).astype(np.int64)[of_gene]
    noise = np.sqrt(0.75) * rng.normal(size=genes)[of_gene] + 0.5 * rng.normal(size=len(y))
    odds = share / (1 - share) * np.exp(1.2 * (noise + 1.2 * y) - 0.72)
    p = odds / (1 + odds)
    return y, Prediction((p > share).astype(np.int64), p, np.column_stack([1 - p, p])), of_gene


def coverage(draw, truth: dict[str, float], draws: int) -> pd.Series:
    """Share of the draws whose interval holds the truth; 0 for one that does not exist."""
    hits = pd.Series(0.0, index=list(truth))
    for number in range(draws):
        y, prediction, groups = draw()
        found = intervals(y, prediction, seed=number, groups=groups).loc[list(truth)]
        true = pd.Series(truth)
        hits += (found["low"] <= true) & (true <= found["high"])
    return hits / draws


def drawn(kind: str, genes: int, positives: int, stratified: bool, rng: np.random.Generator):
    share = positives / genes

    def draw():
        if stratified:
            y = np.repeat([0, 1], [genes - positives, positives])
        else:
            y = np.zeros(genes, np.int64)
            while not 2 <= y.sum() <= genes - 2:
                y = (rng.random(genes) < share).astype(np.int64)
        return y, scored(kind, y, share, rng), None

    return draw


def rows(draws: int):
    rng = np.random.default_rng(0)
    for kind in SHIFTS:
        for genes, positives in TABLES:
            many = np.repeat([0, 1], [LARGE, LARGE * positives // (genes - positives)])
            truth = metrics.scores(many, scored(kind, many, positives / genes, rng))
            for stratified in (False, True):
                asked = {m: truth[m] for m in FREE_OF_PREVALENCE} if stratified else truth
                name = f"{kind}, {genes} genes, {positives} {'exactly' if stratified else 'expected'}"
                yield name, coverage(drawn(kind, genes, positives, stratified, rng), asked, draws)
    y = rng.choice(3, LARGE, p=[0.6, 0.3, 0.1])
    truth = metrics.scores(y, of_three(y, rng))

    def three():
        y = np.zeros(1, np.int64)
        while np.bincount(y, minlength=3).min() < 2:
            y = rng.choice(3, 200, p=[0.6, 0.3, 0.1])
        return y, of_three(y, rng), None

    yield "three classes, 200 genes, 20 expected", coverage(three, truth, draws)
    y, said, _ = clustered(LARGE, 0.2, rng)
    truth = metrics.scores(y, said)
    for genes in (60, 300):
        yield (
            f"clustered, {genes} genes, 20 %",
            coverage(lambda n=genes: clustered(n, 0.2, rng), truth, draws),
        )


def main(draws: int) -> None:
    start = time.perf_counter()
    metric_names = [name for name, metric in metrics.REGISTRY.items() if metric.computed == "always"]
    print(f"Share of {draws} intervals that hold the true score\n")
    print("| genes | " + " | ".join(metric_names) + " |\n|---" + "|---" * len(metric_names) + "|")
    every = []
    for name, found in rows(draws):
        cells = [f"{found[m]:.3f}" if m in found else "" for m in metric_names]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        every.append(found)
    together = pd.concat(every)
    within = together.between(0.93, 0.97).mean()
    print(f"\nfrom {together.min():.3f} to {together.max():.3f}; in 0.93 to 0.97: {within:.0%}")
    print(f"{time.perf_counter() - start:.0f} s")
    for genes in (2_525, 1_000_000):
        rng = np.random.default_rng(0)
        y = (rng.random(genes) < 0.05).astype(np.int64)
        said = scored("weak", y, 0.05, rng)
        start = time.perf_counter()
        intervals(y, said, seed=0)
        print(f"{genes:,} genes: {time.perf_counter() - start:.2f} s for all intervals")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
