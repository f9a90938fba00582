"""A search space: one declaration, read by the grid and by Optuna."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from dge_experiments.errors import BadInput

Candidate = dict[str, Any]


@dataclass(frozen=True)
class Range:
    """Values in [low, high], whole numbers where both ends are; a grid takes ``points`` of them, ends included."""

    low: float
    high: float
    log: bool = False
    points: int | None = None

    @property
    def integer(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    def grid(self) -> list[float]:
        spaced = (np.geomspace if self.log else np.linspace)(self.low, self.high, self.points or 1)
        if self.integer:
            return sorted({round(value) for value in spaced})
        return [min(max(float(f"{value:.12g}"), self.low), self.high) for value in spaced]

    def distribution(self) -> BaseDistribution:
        kind = IntDistribution if self.integer else FloatDistribution
        return kind(self.low, self.high, log=self.log)  # type: ignore[arg-type]

    def place(self, value: float) -> float:
        """Where ``value`` lies between the low end (0) and the high end (1); 0.5 where the ends are equal."""
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return (at - low) / (high - low) if high > low else 0.5

    def widened(self, edge: str, limits: tuple[float, float] = (-math.inf, math.inf)) -> float:
        """A wider end at ``edge`` (``low`` or ``high``), within ``limits``.

        Ten times further on a log scale; else as much again upwards, and half the low end downwards (as much again
        where that is 0 or less). Whole numbers above 0 stay above 0.
        """
        span = self.high - self.low
        if edge == "high":
            wider = self.high * 10 if self.log else self.high + span
        elif self.log:
            wider = self.low / 10
        else:
            wider = self.low / 2 if self.low > 0 else self.low - span
        smallest, largest = limits
        if self.integer:
            wider = math.floor(wider)
            smallest = max(smallest, 1) if self.low > 0 else smallest
        return min(max(wider, smallest), largest)


@dataclass(frozen=True)
class Choices:
    """One of the named values."""

    choices: tuple[bool | int | float | str | None, ...]

    def grid(self) -> list[Any]:
        return list(self.choices)

    def distribution(self) -> BaseDistribution:
        return CategoricalDistribution(self.choices)

    def place(self, value: Any) -> float:
        """Where ``value`` stands among the choices, the first at 0 and the last at 1; 0.5 where there is one."""
        last = len(self.choices) - 1
        return self.choices.index(value) / last if last else 0.5


Space = Mapping[str, Range | Choices]


def parse(declaration: Mapping[str, Any]) -> Space:
    """Read ``model.space``: name -> ``{low, high, log, points}`` or ``{choices}``; choices replace a range.

    Raises
    ------
    BadInput
        an impossible range, a key that is none of these
    """
    return {name: _dimension(f"model.space.{name}", spec) for name, spec in declaration.items()}


def grid(space: Space) -> list[Candidate]:
    """All combinations of the space's points, the last dimension running fastest; one empty one for no dimension.

    Raises
    ------
    BadInput
        a range without ``points``
    """
    for name, dimension in space.items():
        if isinstance(dimension, Range) and dimension.points is None:
            raise BadInput(
                f"model.space.{name}: a grid needs to know how many points; add +model.space.{name}.points=3"
            )
    combinations = product(*(dimension.grid() for dimension in space.values()))
    return [dict(zip(space, values, strict=True)) for values in combinations]


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The same space in Optuna's terms."""
    return {name: dimension.distribution() for name, dimension in space.items()}


def _dimension(key: str, spec: Any) -> Range | Choices:
    shape = "{low, high, log, points} or {choices: [...]}"
    if not isinstance(spec, Mapping):
        raise BadInput(f"{key}={spec}: a dimension of the search space is {shape}")
    if "choices" in spec and set(spec) <= {"choices", "low", "high", "log", "points"}:
        if not spec["choices"]:
            raise BadInput(f"{key}.choices: empty; name at least one value")
        if not all(isinstance(c, bool | int | float | str | None) for c in spec["choices"]):
            raise BadInput(
                f"{key}.choices={spec['choices']}: each must be a number, text, true, false or null"
            )
        return Choices(tuple(spec["choices"]))
    odd = set(spec) - {"low", "high", "log", "points"}
    if odd or not {"low", "high"} <= set(spec):
        raise BadInput(f"{key} has the keys {', '.join(map(str, spec))}; a dimension is {shape}")
    for end in ("low", "high"):
        if isinstance(spec[end], bool) or not isinstance(spec[end], int | float):
            raise BadInput(f"{key}.{end}={spec[end]}: must be a number")
    low, high, log, points = spec["low"], spec["high"], spec.get("log", False), spec.get("points")
    if low > high:
        raise BadInput(f"{key}: low must not be above high, but low={low} and high={high}")
    if log and low <= 0:
        raise BadInput(f"{key}: a log scale needs low above 0, but low={low}")
    if points is not None and (not isinstance(points, int) or points < 1):
        raise BadInput(f"{key}.points={points}: must be a whole number, 1 or more")
    return Range(low, high, bool(log), points)
