"""Rules for the values of settings, declared with their keys in the schema."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from dge_experiments.errors import CONTROL

LONGEST = 4096
LAYOUT = re.compile(r"[\t\n\r]")  # a header of a quoted or Excel cell may hold them


class Rule(Protocol):
    """``fault`` is what a value must be, or None if it is allowed; ``allowed`` describes all allowed values."""

    @property
    def allowed(self) -> str: ...

    def fault(self, value: Any) -> str | None: ...


@dataclass(frozen=True)
class Range:
    """A finite number from ``low`` to ``high``, or strictly ``above`` and ``below``; or one of ``also``."""

    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf
    below: float = math.inf
    also: tuple[float, ...] = ()
    why: str = ""

    def fault(self, value: float) -> str | None:
        inside = self.low <= value <= self.high and self.above < value < self.below
        if value in self.also or (inside and math.isfinite(value)):
            return None
        return f"must be {self.allowed}"

    @property
    def allowed(self) -> str:
        ends = [
            f"above {self.above:g}" if math.isfinite(self.above) else "",
            f"{self.low:g} or more" if math.isfinite(self.low) else "",
            f"below {self.below:g}" if math.isfinite(self.below) else "",
            f"at most {self.high:.10g}" if math.isfinite(self.high) else "",
        ]
        text = " or ".join([*(f"{value:g}" for value in self.also), " and ".join(filter(None, ends))])
        return text + (f" ({self.why})" if self.why else "")


@dataclass(frozen=True)
class Pattern:
    """Text that matches a regular expression from its first to its last character."""

    pattern: str
    allowed: str

    def fault(self, value: object) -> str | None:
        return None if re.fullmatch(self.pattern, str(value)) else f"must be {self.allowed}"


@dataclass(frozen=True)
class Text:
    """Text that is not blank and holds no control character; ``layout``: line breaks and tabs are allowed."""

    layout: bool = False
    allowed: ClassVar[str] = ""

    def fault(self, value: object) -> str | None:
        text = str(value)
        if not text.strip():
            return "must not be empty"
        if len(text) > LONGEST:
            return f"must be at most {LONGEST:,} characters long, not {len(text):,}"
        if CONTROL.search(LAYOUT.sub("", text) if self.layout else text):
            return "must not hold control characters"
        return None


@dataclass(frozen=True)
class Tables:
    """A path, or a mapping of a path and reading options; or a list of them."""

    allowed: ClassVar[str] = "a path, a mapping such as {path: FILE, contrast: NAME}, or a list of them"

    def fault(self, value: object) -> str | None:
        entries = [value] if isinstance(value, str | Mapping) else value
        if not isinstance(entries, Sequence) or not all(map(self._names_a_file, entries)):
            return f"must be {self.allowed}"
        faults = (
            Nested().fault(entry) if isinstance(entry, Mapping) else Text().fault(entry) for entry in entries
        )
        return next(filter(None, faults), None)

    def _names_a_file(self, entry: object) -> bool:
        return isinstance(entry.get("path") if isinstance(entry, Mapping) else entry, str)


@dataclass(frozen=True)
class ShareOrAuto:
    """A number between 0 and 1, or ``auto``."""

    allowed: ClassVar[str] = "auto, or above 0 and below 1"

    def fault(self, value: object) -> str | None:
        if value == "auto" or (isinstance(value, float) and 0 < value < 1):
            return None
        return f"must be {self.allowed}"


@dataclass(frozen=True)
class Nested:
    """A mapping whose keys are text, with finite numbers and printable text at any depth.

    The code that uses it checks the rest.
    """

    allowed: ClassVar[str] = ""

    def fault(self, value: object) -> str | None:
        match value:
            case Mapping():
                parts = [*value.keys(), *value.values()]
            case str():
                return Text(layout=True).fault(value) if value else None
            case Sequence():
                parts = list(value)
            case float() if not math.isfinite(value):
                return "must hold finite numbers"
            case _:
                return None
        return next(filter(None, map(self.fault, parts)), None)


NAME = Pattern(r"\w[\w .,+()-]{0,99}", "a name of letters, digits, blanks and . , + ( ) _ -, 100 at most")
WORD = Pattern(r"\w[\w-]{0,99}", "a word of letters, digits, _ and -, 100 at most")
LABEL = Pattern(r"\w[\w.-]{0,99}", "a word of letters, digits, . _ and -, 100 at most")
PACKAGE = Pattern(r"[^\W\d]\w{0,99}", "the name of a Python package")
COLUMN = Text(layout=True)
TEXT = Text()
POSITIVE = Range(above=0, high=1e6)
SHARE = Range(above=0, below=1)
COUNT = Range(1, 10**9)
SEED = Range(0, 2**32 - 1)
PERMUTATIONS = Range(19, 100_000, also=(0,), why="with fewer than 19 no p-value is 0.05 or less")
FOLDS = Range(2, 1000)
