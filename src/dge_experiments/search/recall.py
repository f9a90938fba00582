"""Trials of an earlier process: read back instead of made again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dge_experiments.errors import BadInput
from dge_experiments.search.engine import Trial
from dge_experiments.search.space import Candidate


@dataclass(frozen=True)
class Recorded:
    """A trial as it was written down.

    Attributes
    ----------
    parameters : name -> value, as ``written``
    folds, fit_seconds, error, warnings, raced_out : as of the ``Trial``
    """

    parameters: Mapping[str, str]
    folds: tuple[Mapping[str, float], ...]
    fit_seconds: float
    error: str | None = None
    warnings: tuple[str, ...] = ()
    raced_out: bool = False


def written(value: Any) -> str:
    """A parameter at full precision: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def recall(recorded: Recorded, number: int, candidate: Candidate) -> Trial:
    """The trial again, with the candidate that the search asks for under its number.

    Raises
    ------
    BadInput
        it was made with other parameters: the search is not the one that was interrupted
    """
    asked = {name: written(value) for name, value in candidate.items()}
    if asked != dict(recorded.parameters):
        was, now = (", ".join(f"{k}={v}" for k, v in each.items()) for each in (recorded.parameters, asked))
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
    )
