"""Milliseconds for one trial's child run, by store: ``benchmarks/server.py [trials]`` (needs PostgreSQL)."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from dge_experiments.search.engine import Trial
from dge_experiments.tracking import runs, store
from mlflow_server import Server, cached_auth, postgresql

PASSWORD = "administrators-password"


def measure(name: str, uri: str, folder: Path, trials: int) -> None:
    """Median and 95th percentile over so many trials, each sent and waited for."""
    seconds = []
    with runs.parent(store.connect(uri), "q", name, {"role": "model"}, folder / "out") as parent:
        for k in range(trials):
            trial = Trial(k, {"C": k / 7}, ({"accuracy": 0.5},) * 5, 0.1)
            start = time.perf_counter()
            parent.log_trial(trial, "accuracy")
            seconds.append(time.perf_counter() - start)
    median, slow = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    print(f"| {name} | {1000 * median:.0f} | {1000 * slow:.0f} |", flush=True)


trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100
with tempfile.TemporaryDirectory() as scratch, postgresql() as database:
    folder = Path(scratch)
    os.chdir(folder)
    os.environ |= {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    print("| store | median, ms | 95th percentile, ms |\n|---|---|---|")
    measure("SQLite file", f"sqlite:///{folder / 'mlflow.db'}", folder, trials)
    measure("PostgreSQL", database, folder, trials)
    auth = ["--app-name", "basic-auth"]
    keys = {"MLFLOW_FLASK_SERVER_SECRET_KEY": "key", "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD}
    for name, options, environment in (
        ("HTTP, 1 worker", [], {}),
        ("HTTP, 4 workers", ["--workers", "4"], {}),
        ("HTTP, 1 worker, basic auth", auth, keys),
        ("HTTP, 1 worker, basic auth, cache", auth, {**keys, **cached_auth(folder)}),
    ):
        server = Server(folder, database, *options, **environment)
        server.start()
        try:
            measure(f"{name}, PostgreSQL", server.uri, folder, trials)
        finally:
            server.kill()
