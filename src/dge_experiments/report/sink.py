"""Where the trials and results of a run go: to a store (see ``tracking.sink``), or nowhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dge_experiments.experiment.result import Result
from dge_experiments.report.records import Record
from dge_experiments.search.engine import Trial
from dge_experiments.search.recall import Recorded


class Sink(Protocol):
    """Takes the trials and results of a run, in order."""

    @property
    def run_id(self) -> str:
        """Of the run in the store, "" without one."""

    @property
    def known(self) -> Mapping[int, Recorded]:
        """Trials of an earlier start of the same run, by number."""

    @property
    def complete(self) -> bool:
        """Whether everything was stored."""

    def trial(self, trial: Trial) -> None:
        """Take one finished trial."""

    def log(self, records: Iterable[Record]) -> None:
        """Take the records of a finished run."""

    def artifact_link(self, path: str) -> str:
        """The address of an artifact in the run's description."""

    def links(self, result: Result) -> Mapping[str, str]:
        """What the user may want to open or type next: name -> line."""


@dataclass
class Untracked:
    """Keeps nothing: ``tracking=none``."""

    run_id: str = ""
    known: Mapping[int, Recorded] = field(default_factory=dict)
    complete: bool = False

    def trial(self, trial: Trial) -> None:
        pass

    def log(self, records: Iterable[Record]) -> None:
        pass

    def artifact_link(self, path: str) -> str:
        return path

    def links(self, result: Result) -> Mapping[str, str]:
        return {}
