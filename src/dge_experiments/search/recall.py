"""Trials of an earlier process, read back instead of run again."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dge_experiments.errors import BadInput
from dge_experiments.search.engine import Trial
from dge_experiments.search.space import Candidate


@dataclass(frozen=True)
class Recorded:
    """A trial as it was recorded.

    Attributes
    ----------
    parameters : name -> value, as ``written``; also of those that were not searched
    folds, fit_seconds, error, warnings, raced_out, answers : as of the ``Trial``
    """

    parameters: Mapping[str, str]
    folds: tuple[Mapping[str, float], ...]
    fit_seconds: float
    error: str | None = None
    warnings: tuple[str, ...] = ()
    raced_out: bool = False
    answers: tuple[npt.NDArray[Any], ...] = field(default=(), compare=False, repr=False)


def written(value: Any) -> str:
    """A parameter at full precision: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def packed(answers: Sequence[npt.NDArray[Any]]) -> bytes:
    """A trial's kept answers as the bytes of a file, NumPy's ``.npz``."""
    file = io.BytesIO()
    np.savez_compressed(file, *answers)
    return file.getvalue()


def unpacked(file: bytes) -> tuple[npt.NDArray[Any], ...]:
    """The answers again, to the last bit; none where the file is damaged."""
    try:
        with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
            return tuple(arrays[name] for name in arrays.files)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile):
        return ()


def recall(recorded: Recorded, number: int, candidate: Candidate) -> Trial:
    """The recorded trial, with the candidate that the search asks for under this number.

    Raises
    ------
    BadInput
        it was run with other parameters: the search is not the one that was interrupted
    """
    requested = {name: written(value) for name, value in candidate.items()}
    original = {name: recorded.parameters[name] for name in requested if name in recorded.parameters}
    if requested != original:
        was, now = (
            ", ".join(f"{k}={v}" for k, v in parameters.items()) for parameters in (original, requested)
        )
        raise BadInput(
            f"resume: trial {number} was made with {was}, and this search asks for {now}; another version of "
            "optuna or another search: start without resume"
        )
    return Trial(
        number,
        candidate,
        recorded.folds,
        recorded.fit_seconds,
        recorded.error,
        recorded.warnings,
        recorded.raced_out,
        recorded.answers,
    )
