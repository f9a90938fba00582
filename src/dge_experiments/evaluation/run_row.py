"""A run as a leaderboard, the registry and a comparison see it, wherever it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from dge_experiments.errors import listed
from dge_experiments.evaluation.answers import Answers
from dge_experiments.evaluation.key import CORRECTED, Key
from dge_experiments.problem.problem import AS_GIVEN, HONEST

COMPARABLE = ("data_digest", "target", "rule", "split_hash")
SEED = "seed"


@dataclass(frozen=True)
class RunRow:
    """Attributes
    ----------
    run_id, run_name : in the store; "" where it is in none
    experiment, experiment_id, sweep_id : of the store, where it is in one
    model, title, simplicity : its model, as people call it, and its place among models, 0 the simplest; None if unknown
    scoring : the metric that its parameters were chosen by
    about : what makes runs comparable, by the names of ``COMPARABLE``
    settings : dotted key -> value of everything that its result depends on
    parameters : what its search chose, and the software; of a run in a store
    metrics : as logged (see ``evaluation.key``)
    leak : features that are label sources
    graded : features that nearly answer
    shared : such as ``44 of 80``, where held-out rows repeat training rows and carry the score; else ""
    general : of a model judged on studies never seen, ``yes`` or ``no`` and why; else ""
    dealt : folds per repeat
    age_seconds : since it started
    folds : gives its scores, rows are folds and columns ``cv/<metric>`` and ``honest/cv/<metric>``, or None
    answers : gives its answers for the held-out genes, or None
    label : what tells it apart on a board
    members : positions among the rows given of the runs that it stands for: one, or one a seed
    expected : of several seeds: the standard deviation that the interval of one run stands for, by score
    """

    run_id: str
    model: str
    scoring: str
    about: Mapping[str, str]
    metrics: Mapping[str, float]
    leak: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    graded: tuple[str, ...] = ()
    shared: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    run_name: str = ""
    experiment: str = ""
    experiment_id: str = ""
    sweep_id: str = ""
    title: str = ""
    simplicity: float | None = None
    general: str = ""
    dealt: int = 0
    age_seconds: float = 0.0
    folds: Callable[[], pd.DataFrame | None] = field(default=lambda: None, compare=False)
    answers: Callable[[], Answers | None] = field(default=lambda: None, compare=False)
    label: str = ""
    members: tuple[int, ...] = ()
    expected: Mapping[str, float] = field(default_factory=dict)

    @property
    def comparable(self) -> tuple[str, ...]:
        """Runs where this is equal may be ranked against each other."""
        return tuple(self.about.get(name, "none") for name in COMPARABLE)

    @property
    def called(self) -> str:
        """The model as people call it."""
        return self.title or self.model.replace("_", " ")

    @property
    def withheld(self) -> tuple[str, ...]:
        """Features that its honest score is made without."""
        return (*self.leak, *self.graded)

    @property
    def ranked_by(self) -> list[str]:
        """The scores that it may be ranked by: of its folds and of all held-out genes, as given and honest."""
        parts, readings = (CORRECTED, "cv", "test"), ("", "honest")
        keys = [Key.parse(name) for name in self.metrics]
        return sorted(str(k) for k in keys if k.part in parts and k.reading in readings and not k.end)

    @property
    def leaks(self) -> bool:
        """Whether its score only repeats the label: by label sources, or by rows that the parts share."""
        return bool(self.leak or self.shared)

    @property
    def unearned(self) -> str:
        """Why its score is not earned, or not known to be; "" where nothing speaks against it."""
        reasons = []
        if self.leak:
            reasons.append(f"{listed(self.leak)} {'hold' if len(self.leak) > 1 else 'holds'} the answer")
        if self.graded:
            reasons.append(
                f"{listed(self.graded)} nearly {'give' if len(self.graded) > 1 else 'gives'} the answer"
            )
        if self.shared:
            reasons.append(f"{self.shared} held-out rows repeat a training row")
        return "; ".join(reasons)

    @property
    def as_honest(self) -> "RunRow":
        """Its pipeline without the features that are withheld, as a run of its own; itself where there are none."""
        if not self.withheld:
            return self
        keys = [Key.parse(name) for name in self.metrics]
        honest = {str(key.read("")): self.metrics[str(key)] for key in keys if key.reading == "honest"}
        kept = {str(key): self.metrics[str(key)] for key in keys if key.reading == "baseline" or not key.part}
        return replace(
            self,
            metrics=kept | honest,
            leak=(),
            graded=(),
            folds=self._honest_folds,
            answers=self._honest_answers,
        )

    def _honest_folds(self) -> pd.DataFrame | None:
        found = self.folds()
        if found is None:
            return None
        return found.filter(like="honest/").rename(columns=lambda name: str(Key.parse(name).read("")))

    def _honest_answers(self) -> Answers | None:
        found = self.answers()
        if found is None or HONEST not in found.readings:
            return None
        return replace(found, readings={AS_GIVEN: found.readings[HONEST]})

    def score(self, key: Key) -> float | None:
        """Its score, None where it has none; the honest one of a run that withholds nothing is its own."""
        return key.of(self.metrics, self.withheld)
