"""The schema of conf/ for the doors beside the main one: what each key may hold."""

from dataclasses import dataclass, field

from dge_experiments.settings.schema import Columns, Data, Decision, Tracking


@dataclass
class NewTable:
    """A table to score; see ``tables.read``."""

    path: str
    columns: Columns = field(default_factory=Columns)
    dialect: str | None = None
    sheet: str | None = None
    group: str | None = None
    derive: bool = False


@dataclass
class Predicting:
    """One table scored: ``python -m dge_experiments predict``."""

    tracking: Tracking
    model_uri: str | None
    data: NewTable
    out: str
    chunk: int
    decision: Decision
    trusted: list[str] = field(default_factory=list)


@dataclass
class Comparing:
    """One comparison: ``python -m dge_experiments compare``."""

    tracking: Tracking
    question: str | None
    sweep: str | None
    metric: str | None
    format: str
    out: str | None


@dataclass
class Gate:
    """What a model has to pass; see ``evaluation.gates``."""

    dummy: bool
    champion: bool
    leak: str


@dataclass
class Registration:
    """One registration: ``python -m dge_experiments register``."""

    tracking: Tracking
    question: str | None
    metric: str | None
    run: str | None
    name: str | None
    gate: Gate
    dry_run: bool
    rollback: bool


@dataclass
class Inspection:
    """One look at a table: ``python -m dge_experiments inspect``."""

    data: Data
    format: str
