"""Where tasks run: processes of this machine, or a Dask cluster."""

import os
import signal
from contextlib import AbstractContextManager
from pathlib import Path

from joblib import cpu_count, parallel_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from dge_experiments.errors import BadInput

CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def check(workers: int | None) -> None:
    """Raise BadInput where there are fewer than 1 worker."""
    if workers is not None and workers < 1:
        raise BadInput(f"compute.workers={workers}: must be 1 or more; leave it out for all cores")


def parallel(workers: int | None) -> AbstractContextManager[None]:
    """joblib's loky back end with one thread inside each worker; large arrays reach workers by memory map."""
    back_end: AbstractContextManager[None] = parallel_config(
        "loky",
        n_jobs=workers or cpu_count(),
        inner_max_num_threads=1,
        max_nbytes="100K",
        initializer=_leave_interrupts,
    )
    return back_end


def with_kernel_cache(pipeline: Pipeline, rows: int, workers: int | None) -> Pipeline:
    """A support vector machine whose kernel cache holds the whole kernel matrix, as far as memory goes.

    At most half of the memory, divided among the workers; never below libsvm's usual 200 MB. It changes the time
    and not the model. Any other pipeline is returned as it is.
    """
    if "cache_size" not in pipeline[-1].get_params():
        return pipeline
    whole = 4 * rows**2 / 2**20  # libsvm keeps it as 4-byte floats
    share = memory() / 2 / (workers or cpu_count()) / 2**20
    copy = clone(pipeline)
    copy[-1].set_params(cache_size=max(200, int(min(whole, share))))
    return copy


def memory() -> int:
    """Bytes of memory that this process may use: the machine's, or its control group's limit."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in CGROUP_LIMITS:
        text = Path(name).read_text().strip() if Path(name).is_file() else ""
        found += [int(text)] if text.isdigit() else []
    return min(found)


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; a worker leaves it to the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
