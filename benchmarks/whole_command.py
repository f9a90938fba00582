"""Where the time of a whole command goes: ``python benchmarks/whole_command.py [repetitions] [src of a checkout]``.

``model=xgboost`` at its defaults, from the shell to the prompt, each time in a new folder, where the store is made too.
Checkouts take turns; the table has medians and, behind them, the shortest and the longest.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
STEPS = {
    "start to the first trial": r"search of \d+ trials",
    "search as given": r"INFO +trial \d+",
    "honest search": r"honest trial \d+",
    "scores, explanations of the model": r"search, scores and explanation took",
    "report": r"the report took",
}
LAST = "records and models to the store, end"


def measure(source: Path) -> dict[str, float]:
    """Seconds of each step of one command, and ``whole``."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.time()
        subprocess.run(
            [sys.executable, "-m", "dge_experiments", "model=xgboost"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(source)},
            capture_output=True,
            check=True,
        )
        end = time.time()
        (log,) = Path(folder).glob("outputs/*/run.log")
        lines = log.read_text(encoding="utf-8").splitlines()
    seconds, before = {}, start
    for step, pattern in STEPS.items():
        at = max((_time(line) for line in lines if re.search(pattern, line)), default=before)
        seconds[step], before = at - before, at
    return {**seconds, LAST: end - before, "whole": end - start}


def _time(line: str) -> float:
    return datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").timestamp()


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    sources = [*(Path(other) for other in sys.argv[2:3]), SOURCE]
    taken: dict[Path, list[dict[str, float]]] = {source: [] for source in sources}
    for _ in range(repetitions):
        for source in sources:
            taken[source].append(measure(source))
    print("| step | " + " | ".join(map(str, sources)) + " |")
    print("|---" * (len(sources) + 1) + "|")
    for step in [*STEPS, LAST, "whole"]:
        cells = []
        for source in sources:
            each = [one[step] for one in taken[source]]
            cells.append(f"{statistics.median(each):.1f} ({min(each):.1f} to {max(each):.1f})")
        print(f"| {step} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
