"""Speed of the search against others': ``python benchmarks/search_speed.py [genes] [repetitions] [parts]``, a Markdown
table. Parts: ``xgboost,forest,peers``, or some of them.

Each measurement is a process of its own in a directory of its own; cases take turns, so that a busy spell of the
machine meets all of them; ratios are of medians.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CASES = Path(__file__).with_name("search_cases.py")
GENES = 10100
LIMIT = 200 / (50 + 100 + 200)
SMALL = 600  # genes for the tracked peers, where writing is what differs
COMMAND = ["-m", "dge_experiments", "experiment=replication", "search=grid"]
MODELS = {"forest": "random_forest", "xgboost": "xgboost"}


def measure(case: str, genes: int, tracking: str, store: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(store, folder)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
        model, kind = case.split(":")
        whole = kind == "command"
        given = [*COMMAND, f"model={MODELS[model]}"] if whole else [CASES, case, str(genes), tracking]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *given], cwd=folder, env=clean, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{case}: {done.stderr[-2000:]}")
    return {"seconds": seconds} if whole else dict(json.loads(done.stdout.strip().splitlines()[-1]))


def together(
    cases: list[tuple[str, str]], genes: int, repetitions: int, store: Path
) -> dict[str, dict[str, Any]]:
    """Median seconds and the last scores of each case; ``spread`` are the shortest and the longest."""
    made: dict[str, list[dict[str, Any]]] = {f"{case} {tracking}": [] for case, tracking in cases}
    for _ in range(repetitions):
        for case, tracking in cases:
            made[f"{case} {tracking}"].append(measure(case, genes, tracking, store))
            print(
                case,
                tracking,
                round(made[f"{case} {tracking}"][-1]["seconds"], 1),
                file=sys.stderr,
                flush=True,
            )
    return {
        case: {
            **each[-1],
            "seconds": statistics.median(one["seconds"] for one in each),
            "busy": statistics.median(one.get("busy", 0) for one in each),
            "spread": f"{min(o['seconds'] for o in each):.1f} to {max(o['seconds'] for o in each):.1f}",
        }
        for case, each in made.items()
    }


def same(one: dict[str, Any], two: dict[str, Any]) -> str:
    differ = sum(one["scores"][key] != value for key, value in two["scores"].items())
    return f"{differ} of {len(two['scores'])} mean scores differ"


def main() -> None:
    genes = int(sys.argv[1]) if len(sys.argv) > 1 else GENES
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    parts = sys.argv[3].split(",") if len(sys.argv) > 3 else ["xgboost", "forest", "peers"]
    print(f"load {os.getloadavg()}, {genes} genes, {repetitions} repetitions", file=sys.stderr)
    rows = ["| what | seconds (shortest to longest) | ratio | goal | scores |", "|---|---|---|---|---|"]

    def row(what: str, one: dict[str, Any], ratio: float, goal: str, note: str) -> None:
        rows.append(f"| {what} | {one['seconds']:.1f} ({one['spread']}) | {ratio:.2f} | {goal} | {note} |")
        print(rows[-1], file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        script = "from dge_experiments.tracking.store import connect; connect(None)"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
        subprocess.run([sys.executable, "-c", script], cwd=folder, env=clean, check=True, capture_output=True)
        store = Path(folder) / "mlflow.db"
        goals = {"xgboost": f"{1.15 * LIMIT:.2f}", "forest": "0.65"}
        for model, goal in ((each, goals[each]) for each in parts if each in goals):
            kinds = [
                ("gridsearchcv", "plain"),
                ("ours", "tracked"),
                ("ours", "plain"),
                ("ours-racing", "tracked"),
            ]
            kinds += [("command", "tracked")] if genes == GENES else []
            kinds += [("ours-dask", "plain")] if model == "forest" else [("start", "plain")]
            done = together([(f"{model}:{kind}", t) for kind, t in kinds], genes, repetitions, store)
            base, tracked = done[f"{model}:gridsearchcv plain"], done[f"{model}:ours tracked"]
            plain, raced = done[f"{model}:ours plain"], done[f"{model}:ours-racing tracked"]
            row(f"{model}: GridSearchCV(n_jobs=-1), untracked", base, 1.0, "", "")
            row(
                f"{model}: ours, tracked",
                tracked,
                tracked["seconds"] / base["seconds"],
                goal,
                same(base, tracked),
            )
            if model == "xgboost":
                start = done["xgboost:start plain"]
                limit = start["seconds"] + LIMIT * (base["seconds"] - start["seconds"])
                row("xgboost: start of the workers, alone", start, start["seconds"] / base["seconds"], "", "")
                row(f"xgboost: ours, over start + {LIMIT:.2f} of the rest ({limit:.1f} s)",
                    tracked, tracked["seconds"] / limit, "1.15", "")  # fmt: skip
            if genes == GENES:
                whole = done[f"{model}:command tracked"]
                row(f"{model}: the whole command", whole, whole["seconds"] / base["seconds"], "0.80", "")
            note = f"winner {raced['winner']:.4f}, unraced {tracked['winner']:.4f}"
            row(f"{model}: ours, racing", raced, raced["seconds"] / base["seconds"], "0.40", note)
            row(f"{model}: tracked over untracked", plain, tracked["seconds"] / plain["seconds"], "1.05", "")
            row(f"{model}: fit seconds / (wall × cores)", tracked, tracked["busy"], "at least 0.9", "")
            if model == "forest":
                dask = done["forest:ours-dask plain"]
                row(
                    "forest: Dask over loky, 2 workers",
                    dask,
                    dask["seconds"] / plain["seconds"],
                    "1.1",
                    same(plain, dask),
                )
        peers = ["ours", "gridsearchcv-autolog", "optuna-runs", "optuna-storage"] if "peers" in parts else []
        done = together([(f"forest:{kind}", "tracked") for kind in peers], SMALL, repetitions, store)
        mine = done.pop("forest:ours tracked", {})
        for name, other in done.items():
            row(f"{name}, {SMALL} genes", other, mine["seconds"] / other["seconds"], "0.7", same(other, mine))
    print("\n".join(rows))


if __name__ == "__main__":
    main()
