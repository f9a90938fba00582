"""Commands that take one folder and no settings: what they share."""

import sys
from collections.abc import Callable
from pathlib import Path

from dge_experiments.cli.refusal import BAD_INPUT, say
from dge_experiments.errors import BadInput


def start(task: Callable[[Path], None], usage: str, default: Path | None = None) -> None:
    """Call ``task`` with the folder that the command line names, or ``default``; bad input is one line."""
    arguments = sys.argv[1:]
    if {"-h", "--help"} & set(arguments):
        print(f"usage: {usage}")
        return
    try:
        if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
            raise BadInput(f"{' '.join(arguments)}: one folder is expected; usage: {usage}")
        folder = Path(arguments[0]) if arguments else default
        if folder is None:
            raise BadInput(f"no folder named; usage: {usage}")
        task(folder)
    except BadInput as error:
        say(error)
        sys.exit(BAD_INPUT)
