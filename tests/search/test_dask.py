"""The same trials on a Dask cluster, with one of its workers killed on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cloudpickle
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.metrics import scores
from dge_experiments.search import compute
from dge_experiments.search.space import parse
from dge_experiments.search.strategies import Fixed, make
from dge_experiments.search.study import Options, Session, Study, search
from dge_experiments.search.task import Task
from dge_experiments.search.workers import in_order

pytestmark = pytest.mark.slow

dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 4))
Y = (X[:, 0] + RNG.normal(size=400) > 0).astype(np.int64)
FOLDS = list(StratifiedKFold(4).split(X, Y))
FOREST = make_pipeline(StandardScaler(), RandomForestClassifier(random_state=3))
SPACE = parse({"n_estimators": {"low": 20, "high": 80}, "max_depth": {"low": 2, "high": 9}})


@contextmanager
def cluster() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A real scheduler, its address and its process, and two real workers, started as one does on a cluster."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--no-dashboard"], stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}
    )
    address = ""
    while not address:
        line = process.stderr.readline()  # type: ignore[union-attr]
        if "Scheduler at:" in line:
            address = line.split("Scheduler at:")[1].strip()
        if process.poll() is not None:
            pytest.fail(f"the scheduler did not start: {line}")
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    workers = [
        subprocess.Popen(worker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)
    ]
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield address, process
    for each in [*workers, process]:
        each.terminate()
    for each in [*workers, process]:
        each.wait(timeout=30)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with cluster() as (address, _):
        yield address


def run(workers: compute.Workers, **given: Any) -> Study:
    task = Task(FOREST, X, Y, FOLDS, scores, "n_estimators")
    return search(
        make("tpe", SPACE, 15, 5, seed=5), task, Options("roc_auc", workers=workers), Session(**given)
    )


def trials(study: Study) -> list[Any]:
    return [(t.number, t.candidate, t.folds) for t in study.trials]


@pytest.fixture(scope="module")
def local() -> list[Any]:
    return trials(run(1))


def test_the_same_trials_as_on_this_machine(scheduler: str, local: list[Any]) -> None:
    with compute.opened("dask", None, scheduler) as workers:
        assert isinstance(workers, compute.Cluster)
        assert len(workers.client.scheduler_info(n_workers=-1)["workers"]) == 2
        assert trials(run(workers)) == local


def test_a_killed_worker_costs_only_its_tasks(scheduler: str, local: list[Any]) -> None:
    with compute.opened("dask", None, scheduler) as workers:
        assert isinstance(workers, compute.Cluster)
        pids = workers.client.run(os.getpid)
        seen = []

        def kill_one(trial: Any) -> None:
            seen.append(trial)
            if len(seen) == 4:
                os.kill(next(iter(pids.values())), signal.SIGKILL)

        assert trials(run(workers, on_trial=kill_one)) == local
        deadline = time.time() + 30
        while time.time() < deadline and len(workers.client.run(os.getpid)) < 2:
            time.sleep(0.5)
        left = set(workers.client.run(os.getpid).values())
        assert next(iter(pids.values())) not in left


class Deadly(RandomForestClassifier):  # type: ignore[misc]
    """A forest whose fit ends its process where it has more than 50 trees."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "Deadly":
        if self.n_estimators > 50:
            os._exit(1)
        super().fit(X, y, sample_weight)
        return self


def test_a_fit_that_kills_every_worker_fails_its_trial_alone() -> None:
    candidates = parse({"n_estimators": {"choices": [10, 60]}})
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    task = Task(make_pipeline(StandardScaler(), Deadly(random_state=3)), X, Y, FOLDS[:2], scores)
    with compute.opened("dask", 2, None) as workers:
        found = search(Fixed(candidates), task, Options("roc_auc", workers=workers))
    well, deadly = found.trials
    assert well.finished and deadly.error and "two worker processes died under this fit" in deadly.reason


def test_a_cluster_of_its_own(local: list[Any]) -> None:
    with compute.opened("dask", 2, None) as workers:
        assert isinstance(workers, compute.Cluster)
        assert len(workers.client.run(os.getpid)) == 2
        assert trials(run(workers)) == local


def test_a_scheduler_that_dies_is_one_line() -> None:
    with cluster() as (address, process):

        def die(_: Any) -> None:
            process.kill()

        refused = pytest.raises(
            BadInput, match=f"compute.scheduler={address}: no Dask scheduler answers there"
        )
        shorter = dask.config.set({"distributed.comm.timeouts.connect": "2s"})
        with shorter, compute.opened("dask", None, address) as workers, refused:
            run(workers, on_trial=die)


def test_arrays_of_workers_that_are_gone_are_there_again() -> None:
    """Also those that were lost while another worker asked for them."""
    with compute.opened("dask", 2, None) as workers:
        assert isinstance(workers, compute.Cluster)
        with compute.parallel(workers, X):
            for _ in range(2):
                assert in_order([(np.shape, (X,)), (np.shape, (Y,))] * 3) == [X.shape, Y.shape] * 3
                for pid in workers.client.run(os.getpid).values():
                    os.kill(pid, signal.SIGKILL)
            assert in_order([(np.shape, (X,))] * 6) == [X.shape] * 6


def test_what_is_no_cluster_is_refused() -> None:
    with pytest.raises(BadInput, match="compute.scheduler=tcp://127.0.0.1:9: no Dask scheduler answers"):
        compute.check("dask", "tcp://127.0.0.1:9")
