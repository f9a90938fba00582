"""What a worker process does first; this module imports nothing that takes time."""

import gc
import signal

OBJECTS = 100_000  # made before the collector looks for cycles: at 700, as is usual, it takes a quarter of the imports


def started() -> None:
    """Ignore Ctrl-C, which reaches every process of a terminal: the process that started the worker handles it."""
    gc.set_threshold(OBJECTS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
