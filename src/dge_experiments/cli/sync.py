"""``dge-experiments sync``: results that wait because the store was away are sent."""

import sys
from pathlib import Path

from dge_experiments.cli.launch import BAD_INPUT
from dge_experiments.errors import BadInput


def main() -> None:
    """Send the trials and results that wait in the output folder DIR because the store was away."""
    try:
        sync(sys.argv[1:])
    except BadInput as error:
        print(f"dge_experiments: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


def sync(arguments: list[str]) -> None:
    """Send each output folder under the one named."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise BadInput("python -m dge_experiments sync DIR: name the output folder in which results wait")
    from dge_experiments.cli import console
    from dge_experiments.tracking import later, store

    for folder in later.folders(Path(arguments[0])):
        client = store.connect(later.about(folder)["uri"])
        for line in later.send(client, folder):
            console.tell(sync=f"{folder}: {line}")
