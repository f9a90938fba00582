"""What a worker process does before anything else; it imports nothing that takes time."""

import gc
import signal

OBJECTS = 100_000  # made before the collector looks for cycles: at 700, as is usual, it takes a quarter of the imports


def started() -> None:
    """Ctrl-C reaches every process of a terminal: a worker leaves it to the one that started it."""
    gc.set_threshold(OBJECTS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
