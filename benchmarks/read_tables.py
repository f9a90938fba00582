"""Time of reading 10^6 rows against bare `pandas.read_csv`, and the memory that 10^7 rows need at their peak.

    python benchmarks/read_tables.py [ROWS] [ROWS_FOR_MEMORY]

Prints a Markdown row each: medians of 5 runs in turn, and the peak of a fresh process (`ru_maxrss`,
interpreter and libraries included) against the size of the numeric columns as float64.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from dge_experiments.tables import read

BLOCK = 1_000_000


def write(file: Path, rows: int) -> None:
    """A limma table of simulated z values, unsorted; adjusted p is Benjamini-Hochberg's within blocks."""
    rng = np.random.default_rng(0)
    for start in range(0, rows, BLOCK):
        n = min(BLOCK, rows - start)
        t = rng.normal(size=n) * 1.5
        p = 2 * norm.sf(np.abs(t))
        frame = pd.DataFrame(
            {
                "ID": [f"ENSG{i:011d}" for i in range(start, start + n)],
                "logFC": t * 0.3,
                "AveExpr": rng.normal(7, 2, n),
                "t": t,
                "P.Value": p,
                "adj.P.Val": false_discovery_control(p),
                "B": t**2 - 4,
            }
        )
        frame.to_csv(file, index=False, mode="a", header=start == 0, float_format="%.15g")


def speed(file: Path, runs: int = 5) -> tuple[float, float]:
    """Median seconds of `pandas.read_csv` and of `read`, run in turn."""
    seconds: dict[str, list[float]] = {"bare": [], "ours": []}
    read(file)
    for _ in range(runs):
        for name, call in (("bare", pd.read_csv), ("ours", read)):
            start = time.perf_counter()
            call(file)
            seconds[name].append(time.perf_counter() - start)
    return median(seconds["bare"]), median(seconds["ours"])


def peak(file: Path) -> tuple[int, int]:
    """Bytes at the peak of a fresh process that reads the file, and of its numeric columns as float64."""
    answer = subprocess.run(
        [sys.executable, __file__, "--peak", str(file)], capture_output=True, text=True, check=True
    ).stdout.split()
    return int(answer[0]), int(answer[1])


def main() -> None:
    if sys.argv[1:2] == ["--peak"]:
        table = read(sys.argv[2])
        bytes_ = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(bytes_, len(table.frame) * len(table.features) * 8)
        return
    rows, many = (int(float(v)) for v in [*sys.argv[1:3], "1e6", "1e7"][:2])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        write(file, rows)
        bare, ours = speed(file)
        print("| what | measured | reference | ratio |\n|---|---|---|---|")
        print(
            f"| read {rows:,} rows, s | {ours:.2f} | pandas.read_csv {bare:.2f} | {ours / bare:.2f} |",
            flush=True,
        )
        file.unlink()
        write(file, many)
        used, size = peak(file)
        memory = f"{used >> 20} | float64 {size >> 20} | {used / size:.2f}"
        print(f"| peak memory for {many:,} rows, MiB | {memory} |")


if __name__ == "__main__":
    main()
