"""Ctrl-C and SIGTERM: how they end a command."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dge_experiments.cli.refusal import INTERRUPTED, TERMINATED, say

PACKAGE = __name__.partition(".")[0]
ENDED_BY: list[BaseException] = []  # the signals of this process; a library may lose the exception of one


@contextmanager
def graceful_stop() -> Iterator[Callable[[], bool]]:
    """While it is open, the first Ctrl-C makes the yielded function return True; the second stops at once."""
    requested = False

    def on_interrupt(*_: object) -> None:
        nonlocal requested
        if requested:
            interrupt()
        requested = True
        os.write(2, b"dge_experiments: stopping after this batch; Ctrl-C again stops at once\n")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield lambda: requested
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def heard() -> Iterator[None]:
    """Inside the block Ctrl-C and SIGTERM end this process without tracebacks, with exit code 130 or 143."""
    ENDED_BY.clear()
    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGINT, interrupt)
    try:
        with signal_first():
            yield
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # one more ends the process without a traceback
        say("interrupted")
        sys.exit(INTERRUPTED)


@contextmanager
def signal_first() -> Iterator[None]:
    """Inside the block a signal goes before the error that a library raised because of it."""
    try:
        yield
    except Exception:
        if ENDED_BY:
            raise ENDED_BY[0] from None
        raise


def interrupt(*_: object) -> None:
    """End the process as after Ctrl-C, without tracebacks."""
    _end(KeyboardInterrupt())


def terminate(*_: object) -> None:
    """End the process as after SIGTERM, without tracebacks."""
    _end(SystemExit(TERMINATED))


def _end(signal_received: BaseException) -> None:
    _mute_libraries()
    ENDED_BY.append(signal_received)
    raise signal_received


def _mute_libraries() -> None:
    """What they log and show of work that is broken off: tracebacks of each task of a pool, of a cursor that cannot be
    closed, of a thread, of objects that are half made."""
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and name.partition(".")[0] != PACKAGE:
            logger.disabled = True
    sys.unraisablehook = lambda fault: None
    threading.excepthook = lambda fault: None
