"""The schema of conf/ for the doors beside the main one: what each key may hold."""

from dataclasses import dataclass, field

from dge_experiments.settings import Tracking


@dataclass
class NewTable:
    """A table to score; see ``tables.read``."""

    path: str
    columns: dict[str, str] = field(default_factory=dict)
    dialect: str | None = None
    sheet: str | None = None
    group: str | None = None
    derive: bool = False


@dataclass
class Predicting:
    """One table scored: ``python -m dge_experiments.predict``."""

    tracking: Tracking
    model_uri: str
    data: NewTable
    out: str
    chunk: int
    trusted: list[str] = field(default_factory=list)
