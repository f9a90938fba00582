"""The files of a run in its output folder, under the names they have in the store."""

from collections.abc import Iterable
from pathlib import Path

from dge_experiments.report.records import Frame, Record, Text


def write(folder: Path, records: Iterable[Record]) -> None:
    """Write every frame (CSV) and text among ``records``."""
    for record in records:
        match record:
            case Frame(path, frame):
                content = frame.to_csv(index=False, lineterminator="\n")
            case Text(path, content):
                pass
            case _:
                continue
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
