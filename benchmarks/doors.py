"""How fast the doors answer: ``python benchmarks/doors.py [repetitions]``, a Markdown table.

Each command is a process of its own; they take turns; ratios are of medians, over ``python -c "import hydra"``.
"""

import statistics
import subprocess
import sys
import tempfile
import time

DOOR = ["-m", "dge_experiments"]
COMMANDS = {
    'python -c "import hydra"': ["-c", "import hydra"],
    "--help": [*DOOR, "--help"],
    "--cfg job": [*DOOR, "--cfg", "job"],
    "a misspelt key": [*DOOR, "modle=svm"],
    "a misspelt choice": [*DOOR, "model=xgbost"],
}


def measure(arguments: list[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, check=False)
    return time.perf_counter() - start


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repetitions):
            for name, arguments in COMMANDS.items():
                seconds[name].append(measure(arguments, folder))
    base = statistics.median(next(iter(seconds.values())))
    print("| what | seconds | ratio | goal |\n|---|---|---|---|")
    for name, each in seconds.items():
        median = statistics.median(each)
        print(f"| {name} | {median:.2f} | {median / base:.2f} | {'' if median == base else '3'} |")


if __name__ == "__main__":
    main()
