"""How often 95 % bootstrap intervals hold the true score: python benchmarks/bootstrap_coverage.py [draws].

Scores of the two classes are normal, means 0 and 1.2, standard deviation 1; the probability is the true one.
The true score of a metric is that of the population with the same class shares: in closed form for the ROC
AUC, Phi(1.2 / sqrt 2), from two million genes for the others.
"""

import sys
import time

import numpy as np
from scipy.stats import norm

from dge_experiments.evaluation import resampled
from dge_experiments.evaluation.intervals import stratified

SHIFT = 1.2
TESTS = ((100, 100), (450, 50), (180, 20))


def genes(negative: int, positive: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = np.repeat([0, 1], [negative, positive])
    x = rng.normal(size=len(y)) + SHIFT * y
    log_odds = np.log(positive / negative) + SHIFT * x - SHIFT**2 / 2
    return y, 1 / (1 + np.exp(-log_odds))


def statistics(y: np.ndarray, p: np.ndarray, cut: float) -> dict[str, resampled.Statistic]:
    called = (p > cut).astype(int)
    return {
        "roc_auc": resampled.roc_auc(y, p),
        "average_precision": resampled.average_precision(y, p),
        "mcc": resampled.matthews(y, called),
        "balanced_accuracy": resampled.balanced_accuracy(y, called),
        "brier": resampled.brier(y, p),
        "log_loss": resampled.log_loss(y, p),
    }


def main(draws: int) -> None:
    rng = np.random.default_rng(0)
    print(f"Coverage of 95 % intervals over {draws} draws, 1,000 resamples each\n")
    print(
        "| genes (negative + positive) | " + " | ".join(statistics(*genes(5, 5, rng), 0.5)) + " | s a draw |"
    )
    print("|---" * 8 + "|")
    for negative, positive in TESTS:
        prevalence = positive / (negative + positive)
        y, p = genes(
            negative * 2_000_000 // (negative + positive), positive * 2_000_000 // (negative + positive), rng
        )
        truth = {name: score(np.ones((1, len(y))))[0] for name, score in statistics(y, p, prevalence).items()}
        truth["roc_auc"] = norm.cdf(SHIFT / np.sqrt(2))
        hits = dict.fromkeys(truth, 0)
        start = time.perf_counter()
        for draw in range(draws):
            y, p = genes(negative, positive, rng)
            interval = stratified(y, statistics(y, p, prevalence), seed=draw, resamples=1_000)
            for name, row in interval.iterrows():
                hits[name] += row["low"] <= truth[name] <= row["high"]
        seconds = (time.perf_counter() - start) / draws
        shares = " | ".join(f"{100 * n / draws:.1f} %" for n in hits.values())
        print(f"| {negative} + {positive} | {shares} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
