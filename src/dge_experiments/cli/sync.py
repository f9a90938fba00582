"""``dge-experiments sync``: send the results that wait because the store was away."""

from collections.abc import Iterator
from pathlib import Path

from dge_experiments.cli.folder import start

USAGE = (
    "python -m dge_experiments sync FOLDER   (an output folder in which results wait, or a folder of such)"
)


def main() -> None:
    """Send the trials and results that wait in an output folder because the store was away."""
    start(sync, USAGE)


def sync(waiting: Path) -> Iterator[tuple[str, str]]:
    """Send each output folder under the named one."""
    from dge_experiments.tracking import later, store

    for folder in later.folders(waiting):
        client = store.connect(later.about(folder)["uri"])
        for line in later.send(client, folder):
            yield "sync", f"{folder}: {line}"
