"""Servers and searches killed at random moments: ``python tests/tracking/outages.py ROUNDS SEED`` counts what is lost.

Each round is one tuned model, written to a real server, with one crash at a random moment: of the ``server`` while the
run is written (it comes back later), of the ``search`` itself (it is resumed), or of ``sync`` that sends what a server
which stayed away has not taken (it is called again). Then everything that should be there is looked for.
"""

import itertools
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

sys.path.insert(0, str(Path(__file__).parents[1]))
from dge_experiments.report import records
from dge_experiments.search.engine import Trial
from dge_experiments.tracking import runs, store
from given import limma_table
from mlflow_server import CLEAN, Server

TRIALS = 12
KINDS = ("server", "server", "search", "server", "sync")
DOOR = [
    "data=table",
    "data.path=limma.csv",
    "experiment=smoke",
    "explanation=none",
    f"search.n_trials={TRIALS}",
]
TABLE = pd.DataFrame({"feature": ["t", "B"], "importance": [0.75, 0.25]})


def trial(number: int) -> Trial:
    kept = tuple(np.array([number, fold], dtype=np.int8) for fold in range(2))
    return Trial(
        number, {"C": number / 7}, ({"accuracy": 0.5}, {"accuracy": number / 100}), 0.1, answers=kept
    )


def what_is_written() -> list[records.Record]:
    frame = limma_table(40)
    X = frame[["t"]]
    pipeline = make_pipeline(LogisticRegression()).fit(X, frame["logFC"] > 0)
    return [
        records.Params({"model": "m"}),
        records.Metrics({"test/accuracy": 0.5}),
        records.Text("a.txt", "hello"),
        records.Frame("importance.csv", TABLE),
        records.Model("m", pipeline, X, pipeline.predict(X), ["skops"], {}),
    ]


def campaign(folder: Path, rounds: int, seed: int, kinds: tuple[str, ...] = KINDS) -> Counter[str]:
    """So many rounds; counts of crashes by kind, and of runs, records and models lost, doubled or left half-made."""
    dice, counts = random.Random(seed), Counter[str]()
    limma_table().to_csv(folder / "limma.csv", index=False)
    server = Server(folder, f"sqlite:///{folder / 'mlflow.db'}")
    server.start()
    try:
        client = store.connect(server.uri)
        for number, kind in zip(range(rounds), itertools.cycle(kinds), strict=False):
            crash = {"server": server_crash, "search": search_crash, "sync": sync_crash}[kind]
            written = crash(client, server, folder / f"{number:03d}", f"round-{number}", dice)
            counts[f"{kind} crashes"] += 1
            if written:
                counts.update(found(client, f"round-{number}", whole=kind != "search"))
    finally:
        server.kill()
        mlflow.set_tracking_uri(None)  # type: ignore[arg-type]
    return counts


def server_crash(client: MlflowClient, server: Server, out: Path, name: str, dice: random.Random) -> bool:
    """The server dies while the run is opened, written or closed."""

    def outage(after: float, away: float) -> None:
        time.sleep(after)
        server.kill()
        time.sleep(away)
        server.start()

    thread = threading.Thread(target=outage, args=(dice.uniform(0, 2.5), dice.uniform(0, 2)))
    thread.start()
    try:
        with runs.parent(client, "q", name, {"role": "model"}, out, 120) as parent:
            for number in range(TRIALS):
                parent.log_trial(trial(number), "accuracy")
                time.sleep(0.05)
            parent.log(what_is_written())
    finally:
        thread.join()
    left = [str(file) for file in out.rglob("*") if file.is_file()]
    if parent.unsent or left:
        raise RuntimeError(f"{name}: the server is back and {left} were not sent")
    return True


def search_crash(client: MlflowClient, server: Server, out: Path, name: str, dice: random.Random) -> bool:
    """The process of a search is killed, and the search resumed until it is done."""
    given = [*DOOR, f"seed={dice.randrange(10**6)}", f"data.name={name}", "split.folds=3"]
    command = [
        sys.executable,
        "-m",
        "dge_experiments",
        *given,
        "tracking=server",
        f"tracking.uri={server.uri}",
    ]
    process = subprocess.Popen(command, cwd=out.parent, env=CLEAN, stdout=subprocess.DEVNULL)
    time.sleep(dice.uniform(4, 12))
    process.kill()
    process.wait()
    begun = [e.name for e in client.search_experiments() if e.name.startswith(f"{name}-")]
    resume = ["resume=true"] if begun and parents(client, name) else []
    subprocess.run([*command, *resume], cwd=out.parent, env=CLEAN, stdout=subprocess.DEVNULL, check=True)
    return True


def sync_crash(client: MlflowClient, server: Server, out: Path, name: str, dice: random.Random) -> bool:
    """The server stays away, and what is sent later is broken off."""
    with runs.parent(client, "q", name, {"role": "model"}, out, 0) as parent:
        server.kill()
        for number in range(TRIALS):
            parent.log_trial(trial(number), "accuracy")
        parent.log(what_is_written())
    server.start()
    command = [sys.executable, "-m", "dge_experiments", "sync", str(out)]
    process = subprocess.Popen(command, cwd=out.parent, env=CLEAN, stdout=subprocess.DEVNULL)
    time.sleep(dice.uniform(3, 7))
    process.kill()
    process.wait()
    if (out / "unsent" / "run.json").exists():
        subprocess.run(command, cwd=out.parent, env=CLEAN, stdout=subprocess.DEVNULL, check=True)
    return True


def parents(client: MlflowClient, name: str) -> list[mlflow.entities.Run]:
    """The parent runs of a round: by their name, or that of their experiment."""
    ids = [e.experiment_id for e in client.search_experiments()]
    found = client.search_runs(ids, "tags.role = 'model'", max_results=1000)
    own = {e.experiment_id for e in client.search_experiments() if e.name.startswith(f"{name}-")}
    return [run for run in found if run.info.run_name == name or run.info.experiment_id in own]


def found(client: MlflowClient, name: str, whole: bool) -> Counter[str]:
    """What is there of a round, and what should not be or is missing."""
    counts = Counter[str]()
    made = parents(client, name)
    counts["runs lost"] += not made
    counts["runs doubled"] += max(0, len(made) - 1)
    for parent in made[:1]:
        run_id, experiment = parent.info.run_id, parent.info.experiment_id
        counts["runs"] += 1
        counts["half-made"] += parent.info.status != "FINISHED"
        children = client.search_runs(
            [experiment], f"tags.`mlflow.parentRunId` = '{run_id}'", max_results=1000
        )
        done = [run for run in children if run.info.status == "FINISHED"]
        times = Counter(int(run.data.tags["trial"]) for run in done)
        counts["runs"] += len(times)
        counts["runs lost"] += sum(number not in times for number in range(TRIALS))
        counts["runs doubled"] += sum(n - 1 for n in times.values())
        counts["half-made"] += sum(run.info.status == "RUNNING" for run in children)
        models = client.search_logged_models([experiment], f"source_run_id = '{run_id}'")
        ready = [model for model in models if model.status == LoggedModelStatus.READY]
        counts["models lost"] += not ready
        counts["models doubled"] += max(0, len(ready) - 1)
        counts["half-made"] += len(models) - len(ready)
        if whole:
            counts["records lost"] += records_lost(client, parent, done)
    return counts


def records_lost(
    client: MlflowClient, parent: mlflow.entities.Run, children: list[mlflow.entities.Run]
) -> int:
    """Parameters, metrics, files and tables that are not there as they were written."""
    lost = parent.data.params.get("model") != "m"
    lost += parent.data.metrics.get("test/accuracy") != 0.5
    root = parent.info.artifact_uri
    lost += mlflow.artifacts.load_text(f"{root}/a.txt") != "hello"
    lost += mlflow.artifacts.load_text(f"{root}/importance.csv") != TABLE.to_csv(index=False)
    for run in children:
        number = int(run.data.tags["trial"])
        lost += float(run.data.params["C"]) != number / 7
        lost += abs(run.data.metrics["cv/accuracy"] - (0.5 + number / 100) / 2) > 1e-12
        lost += len(client.get_metric_history(run.info.run_id, "fold/accuracy")) != 2
    return lost


if __name__ == "__main__":
    for variable in [name for name in os.environ if name.startswith("MLFLOW_")]:
        del os.environ[variable]
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        for what, count in campaign(Path(scratch), int(sys.argv[1]), int(sys.argv[2])).items():
            print(f"{what:<16}{count:>6}")
