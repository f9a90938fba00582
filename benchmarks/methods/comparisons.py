"""How often the held-out tests are wrong, and what they see: python benchmarks/methods/comparisons.py [draws] [part].

Two models score the same genes: a part of their noise is common (``together``, its share of the variance), both know
the class equally well (level) or one better (power: its class 1 lies 0.4 standard deviations higher). Against the
constant answer one model of a given true ROC AUC is tested. A class is called at the prevalence.
"""

import sys
import time

import numpy as np
from scipy.stats import norm

from dge_experiments.evaluation.chance import p_value
from dge_experiments.evaluation.gain import gain
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.search.prediction import Prediction

METRICS = [m.name for m in REGISTRY.values() if m.computed == "always" and m.greater_is_better]
TABLES = ((60, 4), (60, 30), (200, 20), (505, 26), (2_525, 129))
AREAS = (0.5, 0.6, 0.65, 0.7)


def classes(genes: int, positives: int, rng: np.random.Generator) -> np.ndarray:
    y = np.zeros(genes, np.int64)
    while not 2 <= y.sum() <= genes - 2:
        y = (rng.random(genes) < positives / genes).astype(np.int64)
    return y


def said(score: np.ndarray, share: float) -> Prediction:
    return Prediction((score > norm.isf(share)).astype(np.int64), score, None)


def paired(genes: int, positives: int, together: float, lead: float, draws: int) -> list[float]:
    """Share of the draws in which two models are told apart, by metric."""
    rng, found = np.random.default_rng(0), dict.fromkeys(METRICS, 0)
    for _ in range(draws):
        y, common = classes(genes, positives, rng), rng.normal(size=genes)
        first, second = (
            np.sqrt(together) * common + np.sqrt(1 - together) * rng.normal(size=genes) + shift * y
            for shift in (1.2 + lead, 1.2)
        )
        for metric in METRICS:
            share = positives / genes
            found[metric] += gain(y, said(first, share), said(second, share), metric).p_value < 0.05
    return [found[metric] / draws for metric in METRICS]


def alone(genes: int, positives: int, area: float, draws: int) -> list[float]:
    """Share of the draws in which a model is better than the constant answer, by metric."""
    rng, found = np.random.default_rng(0), dict.fromkeys(METRICS, 0)
    shift = np.sqrt(2) * norm.ppf(area)
    for draw in range(draws):
        y = classes(genes, positives, rng)
        answer = said(rng.normal(size=genes) + shift * y, positives / genes)
        for metric in METRICS:
            found[metric] += p_value(y, answer, metric, constant=0, seed=draw) < 0.05
    return [found[metric] / draws for metric in METRICS]


def row(name: str, shares: list[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in shares) + " |", flush=True)


def pairs(draws: int, head: str) -> None:
    print(f"Two models, {draws} draws: share told apart at 5 %\n\n| genes, class 1, together {head}")
    for genes, positives in TABLES:
        for together in (0.3, 0.8):
            for lead, what in ((0.0, "equal"), (0.4, "one better")):
                name = f"{genes}, {positives}, {together}, {what}"
                row(name, paired(genes, positives, together, lead, draws))


def constant(draws: int, head: str) -> None:
    print(
        f"Against the constant answer, {draws} draws: share called better at 5 %\n\n| genes, class 1, AUC {head}"
    )
    for genes, positives in ((60, 4), (200, 20), (2_525, 129)):
        for area in AREAS:
            row(f"{genes}, {positives}, {area}", alone(genes, positives, area, draws))


def main(draws: int, part: str) -> None:
    start = time.perf_counter()
    head = "| " + " | ".join(METRICS) + " |\n|---" + "|---" * len(METRICS) + "|"
    if part != "constant":
        pairs(draws, head)
    if part != "pairs":
        constant(max(50, draws // 8), head)
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400, sys.argv[2] if len(sys.argv) > 2 else "both")
