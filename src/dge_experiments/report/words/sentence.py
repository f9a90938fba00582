"""One finding in plain words, with its kind."""

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
    """``kind`` is its subject; ``text`` is one sentence or two, with a full stop."""

    kind: Kind
    text: str
