"""How long the leak audit takes: python benchmarks/leak_audit.py [TABLE ...].

Simulated limma tables of 12,625 and of a million genes (six columns), then the tables given.
"""

import sys
import time

import numpy as np
import pandas as pd
from scipy import stats

from dge_experiments import tables
from dge_experiments.problem.leak import audit


def simulated(genes: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    effect = rng.normal(0, 0.5, genes) * np.exp(rng.normal(0, 0.5, genes))
    t = effect / np.sqrt(0.002 * rng.chisquare(10, genes)) * 3
    p = 2 * stats.t.sf(np.abs(t), 200)
    return pd.DataFrame(
        {
            "logFC": effect,
            "AveExpr": rng.gamma(4, 2, genes),
            "t": t,
            "P.Value": p,
            "adj.P.Val": stats.false_discovery_control(p),
            "B": np.abs(t) - 4,
        }
    )


def main(paths: list[str]) -> None:
    given = {f"simulated, {genes:,} genes": simulated(genes) for genes in (12_625, 1_000_000)}
    for path in paths:
        table = tables.read(path)
        given[f"{table.name}, {len(table.frame):,} genes"] = table.frame[table.features]
    print("| table | label | label sources | seconds |\n|---|---|---|---|")
    for name, X in given.items():
        rare = np.random.default_rng(1).random(len(X)) < 0.05
        for label, y, defines in (
            ("logFC > 0", X["logFC"].to_numpy() > 0, {"logFC"}),
            ("5 % at random", rare, set()),
            ("AveExpr > logFC + 8, no rule given", (X["AveExpr"] > X["logFC"] + 8).to_numpy(), set()),
        ):
            start = time.perf_counter()
            found = audit(X, y.astype(int), defines, seed=0)
            print(
                f"| {name} | {label} | {chr(44).join(found.sources) or chr(45)} | {time.perf_counter() - start:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
