"""A parent's records on disk while the server is unreachable: written without pickle, read back and logged later."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

from dge_experiments.report import records
from dge_experiments.tracking.archive import own_types

FOLDER = "unsent"
ABOUT = "run.json"


def write(folder: Path, about: dict[str, str], unsent: Iterable[records.Record]) -> None:
    """Write the unsent records and the run that they belong to (``about``: ``uri run_id experiment_id status``)."""
    destination = folder / FOLDER
    destination.mkdir(parents=True, exist_ok=True)
    for number, record in enumerate(unsent):
        _write(destination / f"{number:03d}", record)
    _replace(destination / ABOUT, json.dumps(about, indent=2))


def close(folder: Path) -> None:
    """Mark the run as closed: its process may live on (a notebook) but writes nothing more to it."""
    file = folder / FOLDER / ABOUT
    about = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**about, "closed": "true"}, indent=2), encoding="utf-8")


def clear(folder: Path) -> None:
    """Delete the folder after everything in it was sent."""
    (folder / FOLDER / ABOUT).unlink(missing_ok=True)
    if (folder / FOLDER).is_dir():
        (folder / FOLDER).rmdir()


def read(folder: Path) -> Iterator[tuple[Path, records.Record]]:
    """The records in order, each with its file (to be removed when the record is logged)."""
    for file in sorted((folder / FOLDER).glob("[0-9]*.json")):
        yield file, _read(file)


def drop(folder: Path) -> None:
    """Delete all that waits: another process has resumed the run and has these results."""
    for file in (folder / FOLDER).iterdir():
        file.unlink()
    (folder / FOLDER).rmdir()


def remove(file: Path) -> None:
    """Remove a record's file, and its table and model."""
    for part in file.parent.glob(f"{file.stem}.*"):
        part.unlink()


def _write(base: Path, record: records.Record) -> None:
    plain: dict[str, Any] = {"type": type(record).__name__}
    for item in fields(record):
        value = getattr(record, item.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(f"{base}.{item.name}.parquet")
        elif isinstance(value, np.ndarray):
            plain[item.name] = value.tolist()
        elif item.name == "pipeline":
            skops.io.dump(value, f"{base}.skops")
            plain["types"] = skops.io.get_untrusted_types(file=f"{base}.skops")
        elif isinstance(value, str | bool | int | float | None):
            plain[item.name] = value
        else:
            plain[item.name] = dict(value) if hasattr(value, "items") else list(value)
    _replace(Path(f"{base}.json"), json.dumps(plain))


def _read(file: Path) -> records.Record:
    plain = json.loads(file.read_text(encoding="utf-8"))
    kind = getattr(records, plain.pop("type"))
    base, types = file.with_suffix(""), plain.pop("types", [])
    for item in fields(kind):
        frame, model = Path(f"{base}.{item.name}.parquet"), Path(f"{base}.skops")
        if frame.is_file():
            plain[item.name] = pd.read_parquet(frame)
        elif item.name == "pipeline":
            plain[item.name] = skops.io.load(model, trusted=own_types(types))
        elif item.name == "predicted":
            plain[item.name] = np.asarray(plain[item.name])
    record: records.Record = kind(**plain)
    return record


def _replace(file: Path, text: str) -> None:
    """Write a file atomically: complete, or not at all."""
    part = file.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
