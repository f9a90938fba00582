"""One finding in plain words, with what it is about."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "leak",
    "audit",
    "score",
    "luck",
    "accuracy",
    "as given",
    "honest",
    "small",
    "calibration",
    "bounds",
    "null",
    "nested",
    "sample",
    "search",
    "table",
    "seeds",
    "comparison",
]


@dataclass(frozen=True)
class Sentence:
    """``kind`` is what it is about; ``text`` is one sentence or two, with a full stop."""

    kind: Kind
    text: str
