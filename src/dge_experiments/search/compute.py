"""Where tasks run: processes of this machine."""

from contextlib import AbstractContextManager

from joblib import cpu_count, parallel_config

from dge_experiments.errors import BadInput


def check(workers: int | None) -> None:
    """Raise BadInput where there are fewer than 1 worker."""
    if workers is not None and workers < 1:
        raise BadInput(f"compute.workers={workers}: must be 1 or more; leave it out for all cores")


def parallel(workers: int | None) -> AbstractContextManager[None]:
    """joblib's loky back end with one thread inside each worker; large arrays reach workers by memory map."""
    back_end: AbstractContextManager[None] = parallel_config(
        "loky", n_jobs=workers or cpu_count(), inner_max_num_threads=1, max_nbytes="100K"
    )
    return back_end
