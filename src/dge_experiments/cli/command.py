"""The one command: ``dge-experiments [COMMAND] [key=value ...]``; without a command it is ``run``."""

import atexit
import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from dge_experiments.cli.refusal import BAD_INPUT, say
from dge_experiments.cli.signals import heard
from dge_experiments.errors import nearest, printable
from dge_experiments.search.started import GC_THRESHOLD
from dge_experiments.version import __version__

COMMANDS = {
    "run": "tune a model, score it, explain it; with -m a sweep",
    "inspect": "what a table is, how each column was read, what is odd",
    "compare": "finished runs, ranked where they may be",
    "register": "the best finished run becomes models:/NAME@champion",
    "predict": "a new table scored by a registered model",
    "sync": "send the results that wait because the store was away",
    "relocate": "repair a store whose folder was moved",
    "clean": "list, and delete, runs that failed or were interrupted",
}


@heard()
def main() -> None:
    """Start the command that the first word names."""
    gc.set_threshold(GC_THRESHOLD)
    atexit.register(_free_before_exit)
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"dge-experiments {__version__}")
        return
    if {"-sc", "--shell-completion"} & set(arguments) and "query=" in "".join(arguments):
        _complete()
        return
    name = "run"
    if arguments and _is_word(arguments[0]):
        name = arguments[0]
        del sys.argv[1]
    if name not in COMMANDS:
        instead = f"{nearest(name, COMMANDS)} (there are {', '.join(COMMANDS)})"
        a_file = f"is a file; write data.path={name} to train on it, or inspect {name}"
        say(f"{printable(name)}: {a_file if _is_file(name) else f'no such command{instead}'}")
        sys.exit(BAD_INPUT)
    if name == "inspect":
        sys.argv[1:] = [f"data.path={word}" if _is_file(word) else word for word in sys.argv[1:]]
    import_module(f"dge_experiments.cli.{name}").main()
    if {"-h", "--help"} & set(sys.argv[1:]):
        print("Commands, dge-experiments COMMAND --help:")
        print("\n".join(f"  {command:<13}{description}" for command, description in COMMANDS.items()))


def _free_before_exit() -> None:
    """Free the objects of the command, but not the imported modules: freeing those would take a second at exit."""
    gc.collect()
    gc.freeze()


def _is_word(argument: str) -> bool:
    return "=" not in argument and not argument.startswith(("-", "~", "+"))


def _is_file(word: str) -> bool:
    with suppress(OSError, ValueError, RuntimeError):
        return not word.startswith("-") and Path(word).expanduser().is_file()
    return False


def _complete() -> None:
    """Complete for the shell: the commands and the keys of ``run``, or the keys of the typed command."""
    line = os.environ.get("COMP_LINE", "")
    program, _, words = line.partition(" ")
    typed = words.split(" ")
    if len(typed) == 1:
        print("\n".join(name for name in COMMANDS if name.startswith(typed[0])))
    name = "run"
    if len(typed) > 1 and typed[0] in COMMANDS:
        name = typed[0]
        os.environ["COMP_LINE"] = f"{program} {words.removeprefix(name).lstrip()}"
        os.environ["COMP_POINT"] = str(len(os.environ["COMP_LINE"]))
    if name not in ("sync", "relocate", "clean"):
        import_module(f"dge_experiments.cli.{name}").main()
