"""How long the commands take where an experiment has thousands of trials.

``python benchmarks/many_children.py [2000]``: a real run of three trials, then so many more children under it, as its
own are; then compare, register and a run that is resumed.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import mlflow

import dge_experiments as dge


def timed(what: str, step: Callable[[], object]) -> None:
    start = time.perf_counter()
    step()
    print(f"{what:<44}{time.perf_counter() - start:8.1f} s", flush=True)


def children(count: int) -> None:
    """Copies of the first trial."""
    client = mlflow.MlflowClient()
    (experiment,) = client.search_experiments(filter_string="name = 'all_leukemia-direction'")
    (first, *_) = client.search_runs([experiment.experiment_id], "tags.role = 'trial'")
    tags = {name: value for name, value in first.data.tags.items() if name != "mlflow.runName"}
    metrics = [mlflow.entities.Metric(k, v, 0, 0) for k, v in first.data.metrics.items()]
    params = [mlflow.entities.Param(k, v) for k, v in first.data.params.items()]
    for number in range(count):
        made = client.create_run(experiment.experiment_id, tags=tags, run_name=f"trial-{number:05d}")
        client.log_batch(made.info.run_id, metrics=metrics, params=params)
        client.set_terminated(made.info.run_id)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(Path(folder))
        run = ["model=logistic_regression", "experiment=smoke", "explanation=none"]
        timed("a run of three trials", lambda: dge.run(*run))
        timed(f"{count} more children written", lambda: children(count))
        timed("compare", dge.compare)
        timed("register", lambda: dge.register("all_leukemia-direction"))
        timed("resume=true, a fourth trial", lambda: dge.run(*run, "search.n_trials=4", "resume=true"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
