"""The name under which a score is logged, such as ``honest/test/mcc_low``: written and read here alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dge_experiments.evaluation.metrics import REGISTRY

READINGS = ("honest", "baseline", "gap")
ENDS = ("low", "high", "std")
SECONDS = "seconds"
CORRECTED = "bbc"


@dataclass(frozen=True)
class Key:
    """Attributes
    ----------
    metric : such as ``mcc``
    part : what it was computed on: ``cv``, ``test``, ``external/TABLE``, or ``test/CLASS`` for one class; ``bbc``: that
        of ``cv`` without the luck of the choice (see ``evaluation.bias_corrected``)
    reading : "" as given, ``honest`` without the label sources, ``baseline`` for the constant answer, ``gap`` for what
        the label sources add
    end : "" the score itself, ``low`` and ``high`` of its 95 % interval, ``std`` over the folds
    """

    metric: str
    part: str = "cv"
    reading: str = ""
    end: str = ""

    def __str__(self) -> str:
        name = f"{self.metric}_{self.end}" if self.end else self.metric
        return "/".join(filter(None, (self.reading, self.part, name)))

    @classmethod
    def parse(cls, text: str) -> "Key":
        """The key that is written as ``text``; every text is one."""
        *before, metric = text.split("/")
        reading = before.pop(0) if before and before[0] in READINGS else ""
        name, _, end = metric.rpartition("_")
        if metric in REGISTRY or end not in ENDS or not name:
            name, end = metric, ""
        return cls(name, "/".join(before), reading, end)

    def at(self, end: str) -> "Key":
        """The same score's ``low``, ``high`` or ``std``."""
        return replace(self, end=end)

    def read(self, reading: str) -> "Key":
        """The same score in another reading."""
        return replace(self, reading=reading)

    def on(self, part: str) -> "Key":
        """The same metric on another part."""
        return replace(self, part=part)

    @property
    def on_folds(self) -> "Key":
        """The score as single folds have it: they know no luck of a choice."""
        return self.on("cv") if self.part == CORRECTED else self

    @property
    def greater_is_better(self) -> bool:
        """Whether more is better: not of a loss, nor of seconds."""
        known = REGISTRY.get(self.metric)
        return known.greater_is_better if known else not self.metric.endswith(SECONDS)

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.greater_is_better else -1

    @property
    def worst(self) -> "Key":
        """The end of its interval that speaks against it."""
        return self.at("low" if self.greater_is_better else "high")

    @property
    def best(self) -> "Key":
        """The end of its interval that speaks for it."""
        return self.at("high" if self.greater_is_better else "low")

    def of(self, scores: Mapping[str, float], withheld: tuple[str, ...] = ()) -> float | None:
        """Its value among ``scores``, None where there is none; the honest score of a run that has no features to
        be ``withheld`` from it is its own."""
        own = self.read("") if self.reading == "honest" and not withheld else self
        return scores.get(str(self), scores.get(str(own)))


def leading(scoring: str, runs: Sequence[Mapping[str, float]]) -> Key:
    """What runs are ranked by, given their scores: the bias-corrected score where all have it in each reading that is
    cross-validated, else the cross-validated one."""
    corrected, tuned = Key(scoring, CORRECTED), Key(scoring)
    readings = [
        (run, reading) for run in runs for reading in ("", "honest") if str(tuned.read(reading)) in run
    ]
    all_have_it = all(str(corrected.read(reading)) in run for run, reading in readings)
    return corrected if readings and all_have_it else tuned
