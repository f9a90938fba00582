"""Peers on one question: who reports 100 %, who warns, who says why; and the same split of a question worth asking.

    python benchmarks/peers/run.py [FIRST.csv SECOND.csv]

Each peer is installed, as ``requirements/NAME.txt`` pins it, into an environment of its own under DGE_PEERS (default
~/.cache/dge_experiments/peers) and gets a folder with train.csv, test.csv (the question's features, and `label`) and
task.json (the metric, seconds to search, a seed). It writes reported.json, its own headline, and answers.csv, its
probabilities for the genes of test.csv, which are scored here for all alike. What it prints is kept in log.txt.
Tables: the bundled leukaemia table, its two halves, and the pair given.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

import dge_experiments as dge
from dge_experiments.problem.magnitudes import Magnitudes

HERE = Path(__file__).parent
PEERS = {
    "sklearn": "GridSearchCV, MLflow autolog",
    "pycaret": "PyCaret",
    "flaml": "FLAML",
    "autogluon": "AutoGluon",
    "skore": "skore",
}
SECONDS = 60
SEED = 42
WARNS = re.compile(r".*(?:leak|golden|too good|suspicious|perfect).*", re.IGNORECASE)


def main(pair: list[str]) -> None:
    """Print one table a question, in Markdown."""
    home = Path(os.environ.get("DGE_PEERS", Path.home() / ".cache" / "dge_experiments" / "peers"))
    pythons = {name: _environment(home, name) for name in PEERS}
    questions = {
        "direction": ("accuracy", ["model=xgboost"]),
        "replication": ("average_precision", ["experiment=replication"]),
    }
    if pair:
        first, second = (str(Path(file).resolve()) for file in pair)
        asked = [f"data.path={first}", "target=replication", f"target.path={second}", "model=xgboost"]
        questions[Path(first).name.partition(".")[0]] = ("average_precision", asked)
    for question, (metric, overrides) in questions.items():
        folder = home / "work" / question
        rows = [*_ours(folder, metric, overrides)]
        rows += [_peer(name, python, folder, metric) for name, python in pythons.items()]
        print(f"\n{question}: {' '.join(overrides)}\n\n{_markdown(rows)}", flush=True)


def _environment(home: Path, name: str) -> Path:
    """The peer's Python, installed where it is not there."""
    python = home / name / "bin" / "python"
    if not python.is_file():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(home / name)], check=True)
        wanted = str(HERE / "requirements" / f"{name}.txt")
        subprocess.run([*uv, "pip", "install", "--quiet", "--python", str(python), "-r", wanted], check=True)
    return python


def _ours(folder: Path, metric: str, overrides: list[str]) -> Iterator[dict[str, object]]:
    """Our own run, whose split and features the peers get; of a replication question, the best single ranking, too."""
    start = time.perf_counter()
    run = dge.run(*overrides, "tracking=none", f"out={folder / 'ours'}", "quiet=true")
    seconds = time.perf_counter() - start
    result, problem = run.result, run.result.plan.problem
    frame = problem.X.copy()
    if run.result.settings.features.magnitudes:
        frame[:] = Magnitudes().fit_transform(frame)  # as our pipeline sees them
    frame["label"] = problem.labels.y
    frame.iloc[problem.split.train].to_csv(folder / "train.csv", index=False)
    frame.iloc[problem.split.test].to_csv(folder / "test.csv", index=False)
    task = {"metric": metric, "seconds": SECONDS, "seed": SEED}
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    y = problem.labels.y[problem.split.test]
    for reading, assessed in result.readings.items():
        headline = f"{metric} {result.study.best.mean(metric):.3f}" if reading == "as given" else ""
        said = run.verdict if problem.leaks else ""
        yield _row(
            f"dge_experiments, {reading}", headline, said, y, assessed.test.prediction.ranking, seconds
        )
    if result.rankings:
        leader = max(result.rankings, key=lambda ranked: ranked.cv.mean(metric))
        yield _row(f"best single ranking: {leader.by}", "", "", y, leader.prediction.ranking, 0.0)


def _peer(name: str, python: Path, folder: Path, metric: str) -> dict[str, object]:
    out = folder / name
    out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with (out / "log.txt").open("w", encoding="utf-8") as log:
        command = [str(python), str(HERE / f"with_{name}.py"), str(folder), str(out)]
        code = subprocess.run(command, cwd=out, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    seconds = time.perf_counter() - start
    said = (out / "log.txt").read_text(encoding="utf-8")
    if code:
        return {"tool": PEERS[name], "it reports": f"failed: {said.strip().splitlines()[-1][:90]}"}
    reported = json.loads((out / "reported.json").read_text(encoding="utf-8"))
    y = pd.read_csv(folder / "test.csv")["label"]
    answers = pd.read_csv(out / "answers.csv")["probability"]
    lines = [" ".join(line.split()) for line in WARNS.findall(said) if "skipped" not in line]
    warned = " ".join(dict.fromkeys(lines))
    return _row(f"{PEERS[name]} ({reported['model']})", reported["headline"], warned, y, answers, seconds)


def _row(
    tool: str, headline: str, said: str, y: object, ranking: object, seconds: float
) -> dict[str, object]:
    """The same two scores of everyone's answers for the held-out genes."""
    return {
        "tool": tool,
        "it reports": headline,
        "held-out ROC AUC": f"{roc_auc_score(y, ranking):.3f}",
        "held-out AP": f"{average_precision_score(y, ranking):.3f}",
        "seconds": f"{seconds:.0f}",
        "it warns": said[:300] or "no",
    }


def _markdown(rows: list[dict[str, object]]) -> str:
    columns = list(rows[0])
    lines = [[str(row.get(column, "")).replace("|", "\\|") for column in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in [columns, ["---"] * len(columns), *lines])


if __name__ == "__main__":
    main(sys.argv[1:])
