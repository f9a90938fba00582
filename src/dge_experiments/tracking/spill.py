"""A parent's records on disk while the server is away: written without pickle, read back, logged later."""

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


def write(folder: Path, about: dict[str, str], left: Iterable[records.Record]) -> None:
    """Write the records that are left, and what run they belong to (``uri run_id experiment_id status``)."""
    into = folder / FOLDER
    into.mkdir(parents=True, exist_ok=True)
    for number, record in enumerate(left):
        _write(into / f"{number:03d}", record)
    _replace(into / ABOUT, json.dumps(about, indent=2))


def close(folder: Path) -> None:
    """Note that the process has nothing more to write to the run, though it may live on (a notebook)."""
    file = folder / FOLDER / ABOUT
    about = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**about, "closed": "true"}, indent=2), encoding="utf-8")


def clear(folder: Path) -> None:
    """Forget what was written: everything has been sent."""
    (folder / FOLDER / ABOUT).unlink(missing_ok=True)
    if (folder / FOLDER).is_dir():
        (folder / FOLDER).rmdir()


def read(folder: Path) -> Iterator[tuple[Path, records.Record]]:
    """The records in order, each with its file (remove it when the record is logged)."""
    for file in sorted((folder / FOLDER).glob("[0-9]*.json")):
        yield file, _read(file)


def drop(folder: Path) -> None:
    """Forget everything that waits: the run was finished by another start."""
    for file in (folder / FOLDER).iterdir():
        file.unlink()
    (folder / FOLDER).rmdir()


def remove(file: Path) -> None:
    """Remove a record's file and what lies beside it."""
    for each in file.parent.glob(f"{file.stem}.*"):
        each.unlink()


def _write(base: Path, record: records.Record) -> None:
    plain: dict[str, Any] = {"type": type(record).__name__}
    for each in fields(record):
        value = getattr(record, each.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(f"{base}.{each.name}.parquet")
        elif isinstance(value, np.ndarray):
            plain[each.name] = value.tolist()
        elif each.name == "pipeline":
            skops.io.dump(value, f"{base}.skops")
            plain["types"] = skops.io.get_untrusted_types(file=f"{base}.skops")
        elif isinstance(value, str | bool | int | float | None):
            plain[each.name] = value
        else:
            plain[each.name] = dict(value) if hasattr(value, "items") else list(value)
    _replace(Path(f"{base}.json"), json.dumps(plain))


def _read(file: Path) -> records.Record:
    plain = json.loads(file.read_text(encoding="utf-8"))
    kind = getattr(records, plain.pop("type"))
    base, types = file.with_suffix(""), plain.pop("types", [])
    for each in fields(kind):
        frame, model = Path(f"{base}.{each.name}.parquet"), Path(f"{base}.skops")
        if frame.is_file():
            plain[each.name] = pd.read_parquet(frame)
        elif each.name == "pipeline":
            plain[each.name] = skops.io.load(model, trusted=own_types(types))
        elif each.name == "predicted":
            plain[each.name] = np.asarray(plain[each.name])
    record: records.Record = kind(**plain)
    return record


def _replace(file: Path, text: str) -> None:
    """Write a file that is whole or not there."""
    part = file.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
