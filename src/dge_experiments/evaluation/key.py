"""The name under which a score is logged, such as ``honest/test/mcc_low``: this module alone writes and reads it."""

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
    part : where it was computed: ``cv``, ``test``, ``external/TABLE``, or ``test/CLASS`` for one class; ``bbc``: the
        ``cv`` score corrected for the selection of the best candidate (see ``evaluation.bias_corrected``)
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
        """The key that is written as ``text``; every text is a key."""
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
        """The score to read from single folds: ``cv`` in place of ``bbc``, which no single fold has."""
        return self.on("cv") if self.part == CORRECTED else self

    @property
    def greater_is_better(self) -> bool:
        """Whether more is better: not for a loss, nor for seconds."""
        definition = REGISTRY.get(self.metric)
        return definition.greater_is_better if definition else not self.metric.endswith(SECONDS)

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
        """Its value in ``scores``, None where there is none. For a run that withholds no features, the honest score is
        the score as given."""
        stand_in = self.read("") if self.reading == "honest" and not withheld else self
        return scores.get(str(self), scores.get(str(stand_in)))


def leading(scoring: str, runs: Sequence[Mapping[str, float]]) -> Key:
    """The score that ranks the runs: the bias-corrected one where all runs have it in each cross-validated reading,
    else the cross-validated one."""
    corrected, tuned = Key(scoring, CORRECTED), Key(scoring)
    readings = [
        (run, reading) for run in runs for reading in ("", "honest") if str(tuned.read(reading)) in run
    ]
    all_have_it = all(str(corrected.read(reading)) in run for run, reading in readings)
    return corrected if readings and all_have_it else tuned
