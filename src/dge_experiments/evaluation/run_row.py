"""A run as the leaderboard, the registry and a comparison read it, from any source."""

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
    run_id, run_name : in the store; "" for a run in no store
    experiment, experiment_id, sweep_id : of the store, for a run in one
    model, title, simplicity : its model, the model's usual name, and its order by simplicity, 0 the simplest; None if
        unknown
    scoring : the metric that its parameters were chosen by
    about : what makes runs comparable, by the names of ``COMPARABLE``
    settings : dotted key -> value of everything that its result depends on
    parameters : for a run in a store, the parameters its search chose, and the software
    metrics : as logged (see ``evaluation.key``)
    leak : features that are label sources
    graded : features that nearly give the answer
    shared : such as ``44 of 80``, where held-out rows repeat training rows and carry the score; else ""
    general : for a model judged on unseen studies, ``yes`` or ``no`` and why; else ""
    dealt : folds per repeat
    age_seconds : since it started
    folds : returns its scores, rows are folds and columns ``cv/<metric>`` and ``honest/cv/<metric>``, or None
    answers : returns its answers for the held-out genes, or None
    label : what distinguishes it on a board
    members : positions, in the list of runs, of the runs that it represents: one, or one per seed
    expected : for several seeds: score -> the standard deviation that the interval of one run implies
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
        """The usual name of the model."""
        return self.title or self.model.replace("_", " ")

    @property
    def withheld(self) -> tuple[str, ...]:
        """Features that its honest score is made without."""
        return (*self.leak, *self.graded)

    @property
    def ranked_by(self) -> list[str]:
        """The scores that it may be ranked by: on its folds and on all held-out genes, as given and honest."""
        parts, readings = (CORRECTED, "cv", "test"), ("", "honest")
        keys = [Key.parse(name) for name in self.metrics]
        return sorted(str(k) for k in keys if k.part in parts and k.reading in readings and not k.end)

    @property
    def leaks(self) -> bool:
        """Whether its score only repeats the label: by label sources, or by rows that the parts share."""
        return bool(self.leak or self.shared)

    @property
    def unearned(self) -> str:
        """Why its score is not earned, or may not be; "" where there is no such reason."""
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
        """The run of its pipeline without the withheld features; itself where none are withheld."""
        if not self.withheld:
            return self
        keys = [Key.parse(name) for name in self.metrics]
        honest = {str(key.read("")): self.metrics[str(key)] for key in keys if key.reading == "honest"}
        unchanged = {
            str(key): self.metrics[str(key)] for key in keys if key.reading == "baseline" or not key.part
        }
        return replace(
            self,
            metrics=unchanged | honest,
            leak=(),
            graded=(),
            folds=self._honest_folds,
            answers=self._honest_answers,
        )

    def _honest_folds(self) -> pd.DataFrame | None:
        scores = self.folds()
        if scores is None:
            return None
        return scores.filter(like="honest/").rename(columns=lambda name: str(Key.parse(name).read("")))

    def _honest_answers(self) -> Answers | None:
        answers = self.answers()
        if answers is None or HONEST not in answers.readings:
            return None
        return replace(answers, readings={AS_GIVEN: answers.readings[HONEST]})

    def score(self, key: Key) -> float | None:
        """Its score, None where it has none; for a run that withholds nothing, the honest score is the score as
        given."""
        return key.of(self.metrics, self.withheld)
