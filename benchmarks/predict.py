"""Seconds and peak memory of ``predict`` on 10^5 and 10^6 rows: ``benchmarks/predict.py models:/NAME@ALIAS``."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd


def table(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    t = rng.standard_t(4, size=rows)
    p = np.exp(-np.abs(t))
    return pd.DataFrame(
        {
            "ID": [f"g{i}" for i in range(rows)], "logFC": t * 0.3, "AveExpr": rng.normal(8, 2, rows), "t": t,
            "P.Value": p, "adj.P.Val": np.minimum(1, p * 1.5), "B": np.abs(t) - 5,
        }
    )  # fmt: skip


print("| rows of a CSV | to | seconds | peak memory, MB |\n|---|---|---|---|")
endings = sys.argv[2:] or ["csv", "tsv", "parquet", "xlsx"]
for rows in (100_000, 1_000_000):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.csv"
        table(rows).to_csv(file, index=False)
        for ending in endings:
            command = [sys.executable, "-m", "dge_experiments", "predict", f"model_uri={sys.argv[1]}"]
            command += [f"data.path={file}", f"out={folder}/o.{ending}"]
            start = time.perf_counter()
            done = subprocess.run(
                ["/usr/bin/time", "-v", *command], capture_output=True, text=True, check=True
            )
            seconds = time.perf_counter() - start
            (peak,) = re.findall(r"Maximum resident set size \(kbytes\): (\d+)", done.stderr)
            print(f"| {rows:,} | {ending} | {seconds:.1f} | {int(peak) / 1024:.0f} |", flush=True)
