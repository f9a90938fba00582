"""Where tasks run: processes of this machine, or a Dask cluster."""

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlparse

import numpy.typing as npt
from joblib import cpu_count, parallel_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from dge_experiments.errors import BadInput
from dge_experiments.search.started import started
from dge_experiments.search.workers import starting as workers_starting

WITHOUT_WORKERS = 120  # seconds that work waits for the first worker of a Dask cluster
NEVER_GIVEN_UP = {
    "distributed.deploy.lost-worker-timeout": "365 days"
}  # a worker that takes long to start again
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True)
class Cluster:
    """An open connection to a Dask scheduler (``distributed.Client``)."""

    client: Any

    def __deepcopy__(self, _: Any) -> Self:
        """One connection, however often an estimator that holds it is cloned."""
        return self


Workers = int | None | Cluster


def check(name: str, scheduler: str | None) -> None:
    """Raise BadInput where Dask is missing, its scheduler does not answer, or a scheduler is given without Dask."""
    if name == "local":
        if scheduler is not None:
            raise BadInput(f"compute.scheduler={scheduler}: is not used by compute=local; add compute=dask")
        return
    if find_spec("distributed") is None:
        raise BadInput("compute=dask: Dask is not installed; pip install 'dge-experiments[dask]'")
    if scheduler is not None:
        where = urlparse(scheduler)
        try:
            socket.create_connection((where.hostname or "", where.port or 8786), timeout=10).close()
        except (OSError, ValueError) as error:
            raise no_answer(scheduler, error) from None


def no_answer(scheduler: str, error: Exception) -> BadInput:
    """The refusal of a scheduler that is not there, or no longer."""
    reason = str(error).strip().partition("\n")[0]
    return BadInput(f"compute.scheduler={scheduler}: no Dask scheduler answers there ({reason})")


@contextmanager
def opened(name: str, workers: int | None, scheduler: str | None) -> Iterator[Workers]:
    """Yield what ``parallel`` takes: a number of processes, or a Dask cluster that is open inside the block.

    Without a scheduler's address a cluster starts on this machine: ``workers`` processes with one thread each.
    """
    if name == "local":
        yield workers
        return
    from dask import config
    from distributed import Client, LocalCluster

    if scheduler is not None:
        try:
            client = Client(scheduler, set_as_default=False)
        except OSError as error:  # it listens and says nothing
            raise no_answer(scheduler, error) from None
        with client:
            yield Cluster(client)
        return
    with (
        config.set(NEVER_GIVEN_UP),
        LocalCluster(
            n_workers=workers or cpu_count(), threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.run(started)
        yield Cluster(client)


def parallel(workers: Workers, *arrays: npt.NDArray[Any]) -> AbstractContextManager[None]:
    """joblib's back end inside the block: loky with one thread in each worker, or Dask.

    ``arrays`` are shared: large ones reach loky's workers by memory map and are sent to Dask's once.
    """
    back_end: AbstractContextManager[None]
    if isinstance(workers, Cluster):
        from dge_experiments.search import dask

        back_end = parallel_config(
            dask.NAME, client=workers.client, arrays=arrays, wait_for_workers_timeout=WITHOUT_WORKERS
        )
    else:
        back_end = parallel_config(
            "loky",
            n_jobs=workers or cpu_count(),
            inner_max_num_threads=1,
            max_nbytes="100K",
            initializer=started,
        )
    return back_end


@contextmanager
def starting(name: str, workers: int | None, pipeline: Pipeline) -> Iterator[None]:
    """Start this machine's workers, with the imports that ``pipeline`` needs, while the body runs.

    The body imports MLflow. Nothing else is computed in this process meanwhile: SciPy looks for array libraries in
    ``sys.modules`` and fails on one that another thread is importing.
    """
    if name != "local":
        yield
        return
    with parallel(workers), workers_starting(workers or cpu_count(), clone, pipeline):
        yield


def with_kernel_cache(pipeline: Pipeline, rows: int, workers: int | None) -> Pipeline:
    """A support vector machine with a kernel cache for the whole kernel matrix, as far as memory allows.

    The cache takes at most half of the memory, divided among the workers, and at least libsvm's default of 200 MB. It
    changes the time and not the model. Any other pipeline is returned unchanged, and so is any where the memory is
    unknown.
    """
    if "cache_size" not in pipeline[-1].get_params():
        return pipeline
    usable = memory()
    if usable is None:
        return pipeline
    matrix = 4 * rows**2 / 2**20  # libsvm keeps it as 4-byte floats
    share = usable / 2 / (workers or cpu_count()) / 2**20
    copy = clone(pipeline)
    copy[-1].set_params(cache_size=max(200, int(min(matrix, share))))
    return copy


def memory() -> int | None:
    """Bytes of memory that this process may use: the machine's, or its control group's limit.

    None where the system does not tell (Windows has no ``sysconf``).
    """
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return None
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in CGROUP_LIMITS:
        text = Path(name).read_text().strip() if Path(name).is_file() else ""
        limits += [int(text)] if text.isdigit() else []
    return min(limits)
