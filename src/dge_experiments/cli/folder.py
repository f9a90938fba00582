"""Shared by the commands that take a folder and no settings."""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from dge_experiments.cli.refusal import BAD_INPUT, say
from dge_experiments.errors import BadInput

JSON = "format=json"


def start(task: Callable[[Path], Iterable[tuple[str, str]]], usage: str, default: Path | None = None) -> None:
    """Call ``task`` with the folder from the command line, or ``default``, and show the named lines that it yields.

    With ``format=json`` they are one object. Bad input is one line.
    """
    arguments = [argument for argument in sys.argv[1:] if argument != JSON]
    if {"-h", "--help"} & set(arguments):
        print(f"usage: {usage} [{JSON}]")
        return
    try:
        if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
            raise BadInput(f"{' '.join(arguments)}: one folder is expected; usage: {usage}")
        folder = Path(arguments[0]) if arguments else default
        if folder is None:
            raise BadInput(f"no folder named; usage: {usage}")
        if JSON in sys.argv:
            lines: dict[str, list[str]] = {}
            for name, line in task(folder):
                lines.setdefault(name, []).append(line)
            print(json.dumps(lines, indent=1))
            return
        from dge_experiments.cli import console

        for name, line in task(folder):
            console.tell(**{name: line})
    except BadInput as error:
        say(error)
        sys.exit(BAD_INPUT)
