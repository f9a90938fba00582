"""What a worker process does first; this module imports nothing that takes time."""

import gc
import signal

GC_THRESHOLD = (
    100_000  # objects before a collection: at the usual 700 it takes a quarter of the time of imports
)


def started() -> None:
    """Ignore Ctrl-C, which reaches every process of a terminal: the process that started the worker handles it."""
    gc.set_threshold(GC_THRESHOLD)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
