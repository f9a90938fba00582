"""The one line that bad input gets on stderr, and the exit codes."""

import sys

from dge_experiments.errors import printable

FAILED, BAD_INPUT, INTERRUPTED, TERMINATED = 1, 2, 130, 143
LONGEST = 2000  # characters of a line


def say(line: object) -> None:
    """Print ``line`` on stderr after the name of this package, with control characters escaped."""
    print(f"dge_experiments: {printable(line, LONGEST)}", file=sys.stderr)
