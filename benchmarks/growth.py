"""Time and memory against the size of the table: ``python benchmarks/growth.py [largest exponent]``.

``data=simulated`` with 10^4 genes and up, ``search=none``, one process for each size; the exponent is the slope of
log seconds (less those of 1,000 genes) over log genes. Peak memory is of the process: what it takes beyond four times
the float64 matrix of six statistics should not grow with the table.
"""

import json
import math
import subprocess
import sys
import tempfile
import time

MODELS = ("logistic_regression", "xgboost")


def measure(model: str, genes: int) -> dict[str, float]:
    given = [f"data.simulated.genes={genes}", f"model={model}"]
    command = ["data=simulated", "search=none", "tracking=none", "compute.workers=1", *given]
    script = (
        "import sys, json, resource; from dge_experiments.__main__ import main\n"
        f"sys.argv = ['x', *{command!r}]\n"
        "main(); print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))"
    )
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
        )
    peak = json.loads(done.stdout.strip().splitlines()[-1])
    return {"seconds": time.perf_counter() - start, "peak": peak}


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print("| model | genes | seconds | exponent to here | peak, MB | matrix, MB | peak less 4 matrices, MB |")
    print("|---|---|---|---|---|---|---|")
    for model in MODELS:
        before: dict[str, float] | None = None
        first = measure(model, 1000)
        for genes in (10**k for k in range(4, largest + 1)):
            now = measure(model, genes)
            slope = math.nan
            if before is not None:
                start = first["seconds"]
                slope = math.log10((now["seconds"] - start) / (before["seconds"] - start))
            peak, matrix = now["peak"] / 1e6, genes * 6 * 8 / 1e6
            sizes = f"{peak:.0f} | {matrix:.1f} | {peak - 4 * matrix:.0f}"
            print(f"| {model} | {genes:,} | {now['seconds']:.1f} | {slope:.2f} | {sizes} |", flush=True)
            before = now


if __name__ == "__main__":
    main()
