"""The schema of conf/ for the commands other than ``run``: what each key may hold."""

from dataclasses import dataclass, field
from typing import Annotated

from dge_experiments.settings import choices
from dge_experiments.settings.rules import LABEL, SHARE, Range
from dge_experiments.settings.schema import Column, Columns, Data, Decision, Name, Text, Tracking


@dataclass
class NewTable:
    """A table to score; see ``tables.read``."""

    path: Text
    columns: Columns = field(default_factory=Columns)
    dialect: Name | None = None
    sheet: Text | None = None
    group: Column | None = None
    derive: bool = False


@dataclass
class FurtherColumns:
    """The second table with the user's own columns, for those that the new table lacks; see ``tables.own``."""

    join: Text | None


@dataclass
class Predicting:
    """One table to score: ``python -m dge_experiments predict``."""

    tracking: Tracking
    model_uri: Text | None
    data: NewTable
    features: FurtherColumns
    out: Text
    chunk: Annotated[int, Range(1, 10**8)]
    decision: Decision
    format: choices.TextFormat
    trusted: list[Text] = field(default_factory=list)


@dataclass
class Comparing:
    """One comparison: ``python -m dge_experiments compare``."""

    tracking: Tracking
    question: Text | None
    sweep: Annotated[str, LABEL] | None
    runs: list[Annotated[str, LABEL]]
    metric: Text | None
    format: choices.TableFormat | None
    out: Text | None


@dataclass
class Gate:
    """The gates that a model has to pass; see ``evaluation.gates``."""

    dummy: bool
    champion: bool
    leak: choices.LeakGate
    margin: Annotated[float, SHARE] | None = None


@dataclass
class Registration:
    """One registration: ``python -m dge_experiments register``."""

    tracking: Tracking
    question: Text | None
    metric: Text | None
    run: Annotated[str, LABEL] | None
    name: Text | None
    gate: Gate
    dry_run: bool
    rollback: bool
    format: choices.TextFormat


@dataclass
class Inspection:
    """One description of a table: ``python -m dge_experiments inspect``."""

    data: Data
    format: choices.InspectFormat | None
    out: Text | None
