"""Work on joblib's workers, which goes on where a worker dies."""

import logging
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from joblib import Parallel, delayed

from dge_experiments.errors import BadInput

Key = TypeVar("Key")
Work = tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(frozen=True)
class Lost:
    """Work that was with the workers when one of them died, as by a lack of memory; ``reason`` is one line."""

    reason: str


def results(keys: Sequence[Key], work: Callable[[Key], Work]) -> Iterator[tuple[Key, Any]]:
    """Do all work in one flat parallel call, in joblib's current configuration (see ``compute.parallel``).

    Where a worker dies, the work of all workers at that time is lost, and the rest goes on with new workers.

    Parameters
    ----------
    work : a key -> the function that does it and its arguments; called shortly before a worker takes it

    Yields
    ------
    a key and its result, as they finish; a ``Lost`` where the result was lost
    """
    unfinished = dict.fromkeys(range(len(keys)))
    while unfinished:
        in_flight: set[int] = set()
        try:
            for i, result in _unordered(list(unfinished), lambda i: work(keys[i]), in_flight):
                in_flight.discard(i)
                del unfinished[i]
                yield keys[i], result
        except Exception as error:
            if not _died(error) or not in_flight:
                raise
            lines = str(error).strip().splitlines()
            reason = next((line for line in lines if "exit code" in line), lines[-1])
        for i in sorted(in_flight):
            del unfinished[i]
            yield keys[i], Lost(reason)


@contextmanager
def starting(count: int, function: Callable[..., Any], *arguments: Any) -> Iterator[None]:
    """Start so many workers while the body runs, in joblib's current configuration; each calls ``function``.

    Where one dies, the work that comes later starts others and says why.
    """
    with _interrupts_held():
        running = Parallel(return_as="generator_unordered")(
            delayed(function)(*arguments) for _ in range(count)
        )
    try:
        yield
        with suppress(BrokenProcessPool):
            deque(running, maxlen=0)
    finally:
        with _unheard():
            running.close()


def in_order(work: Sequence[Work]) -> list[Any]:
    """All results, in the order of the work; work that is lost with a worker is repeated, one piece at a time.

    Raises
    ------
    BadInput
        work was lost twice: this machine cannot do it
    """
    by_position = dict(results(range(len(work)), work.__getitem__))
    for i, result in by_position.items():
        if isinstance(result, Lost):
            ((_, by_position[i]),) = results([i], work.__getitem__)
            if isinstance(by_position[i], Lost):
                reason = f"two worker processes died under the same work ({by_position[i].reason})"
                raise BadInput(f"compute.workers: {reason}; where memory is short, fewer workers need less")
    return [by_position[i] for i in range(len(work))]


def _unordered(
    numbers: Sequence[int], work: Callable[[int], Work], in_flight: set[int]
) -> Iterator[tuple[int, Any]]:
    """(number, result) as they finish; a number is added to ``in_flight`` when joblib takes it."""

    def tasks() -> Iterator[Any]:
        for i in numbers:
            in_flight.add(i)
            function, arguments = work(i)
            yield delayed(_numbered)(i, function, *arguments)

    with _interrupts_held():
        running = Parallel(return_as="generator_unordered")(tasks())
    try:
        for numbered in running:  # noqa: UP028  a closing must pass here before it reaches joblib
            yield numbered
    finally:
        with _unheard():
            running.close()


def _numbered(i: int, function: Callable[..., Any], *arguments: Any) -> tuple[int, Any]:
    return i, function(*arguments)


def _died(error: Exception) -> bool:
    """Whether a worker process of loky or Dask died. Dask has already tried again, and may have lost arrays that other
    work needs."""
    dask = sys.modules.get("distributed")
    of_dask = (dask.scheduler.KilledWorker, dask.client.FutureCancelledError) if dask is not None else ()
    return isinstance(error, (BrokenProcessPool, *of_dask))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the block ends; processes that are started in it ignore Ctrl-C."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # its start lets interrupts through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _unheard() -> Iterator[None]:
    """Silence loky, which would log a traceback for each task that ends after nobody waits for it."""
    logger = logging.getLogger("concurrent.futures")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # joblib's on the work that is left
            yield
    finally:
        logger.disabled = before
