"""The leaderboard: runs that may be ranked against each other, and which models really differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from dge_experiments.errors import BadInput, nearest
from dge_experiments.evaluation.answers import Answers
from dge_experiments.evaluation.key import Key, leading
from dge_experiments.evaluation.label import distinctions, labelled
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.evaluation.run_row import COMPARABLE, RunRow
from dge_experiments.evaluation.seeds import Draw, draw, over_seeds
from dge_experiments.evaluation.verdict import Verdict, verdict
from dge_experiments.problem.problem import AS_GIVEN, HONEST

MOST_COMPARED = 12  # each pair is a test, and with more tests each one finds less after the correction
DRAWS_SEED = 0


@dataclass(frozen=True)
class Board:
    """Attributes
    ----------
    metric : what its runs are ranked by
    rows : the runs, best first; those without the metric last
    differing : settings in which they differ beyond the model
    distinction : what distinguishes it from other boards on the question, "" where there are none
    """

    metric: Key
    rows: tuple[RunRow, ...]
    differing: tuple[str, ...]
    distinction: str = ""

    @property
    def experiment(self) -> str:
        """MLflow experiments that its runs are in."""
        return ", ".join(dict.fromkeys(row.experiment for row in self.rows))

    @property
    def about(self) -> dict[str, str]:
        """What its runs have in common, by the names of ``COMPARABLE``."""
        return {name: self.rows[0].about.get(name, "none") for name in COMPARABLE}

    @property
    def leak(self) -> tuple[str, ...]:
        """The features that hold the answer in at least one run."""
        return tuple(sorted({feature for row in self.rows for feature in row.leak}))

    @property
    def graded(self) -> tuple[str, ...]:
        """The features that nearly give the answer in at least one run, and hold it in none."""
        return tuple(sorted({feature for row in self.rows for feature in row.graded} - {*self.leak}))

    @property
    def withheld(self) -> tuple[str, ...]:
        """Features that honest scores are made without."""
        return (*self.leak, *self.graded)

    @property
    def shared(self) -> str:
        """How many held-out rows repeat training rows, where they carry the score of a run; else ""."""
        return next((row.shared for row in self.rows if row.shared), "")

    @property
    def leaks(self) -> bool:
        """Whether a score as given only repeats the label: by label sources, or by rows that the parts share."""
        return any(row.leaks for row in self.rows)

    @property
    def seeds(self) -> int:
        """How many seeds its rows are means over; 1 where they are single runs."""
        return max(len(row.members) for row in self.rows)

    @property
    def draw(self) -> Draw | None:
        """For the best row over several seeds: how much of the held-out score's interval comes from the draw."""
        means = [row for row in self.ranked(self.readings[-1]) if len(row.members) > 1]
        return draw(means[0], self.key(self.readings[-1]).on("test")) if means else None

    @property
    def readings(self) -> tuple[str, ...]:
        """``as given``, and ``honest`` where a run has features that are withheld from its honest score."""
        return (AS_GIVEN, HONEST) if self.withheld else (AS_GIVEN,)

    def key(self, reading: str) -> Key:
        """The ranking metric in a reading."""
        return self.metric.read("honest" if reading == HONEST else "")

    def ranked(self, reading: str) -> list[RunRow]:
        """The rows by the score of a reading, best first."""
        return _ranked(self.rows, self.key(reading))

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """Reading -> its models against the constant answer (or the best ranking) and each other, on the held-out
        genes. A reading is left out where answers are missing or for other genes, or the metric cannot be computed from
        answers."""
        outcomes = {reading: self._verdict(reading) for reading in self.readings}
        return {reading: outcome for reading, outcome in outcomes.items() if outcome is not None}

    def tied(self, reading: str) -> dict[str, str]:
        """Label -> ``yes`` or ``simplest``, for the models that no other beats."""
        outcome = self.verdicts.get(reading)
        if outcome is None:
            return {}
        return {label: "simplest" if label == outcome.simplest else "yes" for label in outcome.tied}

    @property
    def frame(self) -> pd.DataFrame:
        """One row per run, best first: who, settings that differ, every metric."""
        return pd.DataFrame(
            [
                {
                    "run_id": row.run_id, "run_name": row.run_name, "experiment": row.experiment,
                    "sweep_id": row.sweep_id, "model": row.model, "label": row.label,
                    "leak": ", ".join(row.leak) or "none",
                    **({"carries_label": ", ".join(row.graded)} if self.graded else {}),
                    **({"shared_rows": row.shared} if self.shared else {}),
                    **{name: row.settings.get(name, "") for name in self.differing},
                    **row.metrics,
                }
                for row in self.rows
            ]
        )  # fmt: skip

    def _verdict(self, reading: str) -> Verdict | None:
        metric = REGISTRY.get(self.metric.metric)
        if metric is None or not metric.of_answers:
            return None
        rows = {row.label: row for row in reversed(self.ranked(reading)[:MOST_COMPARED])}
        answers = {label: row.answers() for label, row in reversed(rows.items())}
        available = {label: answer for label, answer in answers.items() if answer is not None}
        predictions = {
            label: answer.readings[own_reading]
            for label, answer in available.items()
            if (own_reading := _reading_in(answer, rows[label], reading))
        }
        if not predictions:
            return None
        first = available[next(iter(predictions))]
        if any(not first.same_genes(available[label]) for label in predictions):
            return None
        simplicity = {label: rows[label].simplicity for label in predictions}
        known = [label for label in predictions if simplicity[label] is not None]
        order = sorted(known, key=lambda label: simplicity[label] or 0)
        folds = min(rows[label].dealt for label in predictions)
        return verdict(
            first.y, predictions, metric.name, constant=first.constant, seed=DRAWS_SEED, ranking=first.ranking,
            groups=first.groups, order=order, folds=self._folds(reading, [rows[label] for label in predictions]),
            fold_sizes=(max(folds - 1, 1), 1),
        )  # fmt: skip

    def _folds(self, reading: str, rows: Sequence[RunRow]) -> pd.DataFrame | None:
        """Scores on the folds, rows are folds and columns runs; None where they are not the same folds."""
        column = str(Key(self.metric.metric))
        frames = {row.label: (row.as_honest if reading == HONEST else row).folds() for row in rows}
        scores = {
            label: frame[column] for label, frame in frames.items() if frame is not None and column in frame
        }
        numbers = {len(fold_scores) for fold_scores in scores.values()}
        same_folds = len(numbers) == 1 and len({row.dealt for row in rows}) == 1
        return pd.DataFrame(scores) if same_folds else None


def boards(rows: Sequence[RunRow], metric: str | None = None) -> list[Board]:
    """Group finished runs by table, target, rule and split, and rank each group by itself.

    Runs of one sweep that differ only in the seed count as one, with the standard deviation of its scores. Boards on
    one question are next to each other.

    Parameters
    ----------
    rows : finished runs, newest first
    metric : such as ``test/mcc``; default is ``bbc/<scoring>`` of the group's newest run where all have it, else
        ``cv/<scoring>``

    Raises
    ------
    BadInput
        no run has the metric
    """
    if metric is not None and all(row.score(Key.parse(metric)) is None for row in rows):
        metrics = sorted({name for row in rows for name in row.ranked_by})
        available = f"there are {', '.join(metrics)}" if metrics else "there are no scores"
        raise BadInput(f"metric={metric}: no finished run has it{nearest(metric, metrics)} ({available})")
    placed = [replace(row, members=(place,)) for place, row in enumerate(rows)]
    groups: dict[tuple[str, ...], list[RunRow]] = {}
    for row in over_seeds(placed):
        groups.setdefault(row.comparable, []).append(row)
    questions: dict[str, list[list[RunRow]]] = {}
    for group in groups.values():
        questions.setdefault(group[0].experiment, []).append(group)
    return [
        _board(group, metric, distinction)
        for question in questions.values()
        for group, distinction in zip(question, distinctions(question), strict=True)
    ]


def _board(group: list[RunRow], metric: str | None, distinction: str) -> Board:
    key = Key.parse(metric) if metric else leading(group[0].scoring, [row.metrics for row in group])
    named, differing = labelled(group)
    return Board(key, tuple(_ranked(named, key)), differing, distinction)


def _ranked(rows: Sequence[RunRow], key: Key) -> list[RunRow]:
    scored = [(row, row.score(key)) for row in rows]
    with_score = [(row, score) for row, score in scored if score is not None and score == score]
    with_score.sort(key=lambda pair: -key.sign * pair[1])
    return [row for row, _ in with_score] + [row for row, score in scored if score is None or score != score]


def _reading_in(answers: Answers, row: RunRow, reading: str) -> str | None:
    """The reading of a run's answers that counts in ``reading``: as given for a run that withholds nothing."""
    stand_in = reading if row.withheld else AS_GIVEN
    return stand_in if stand_in in answers.readings else None
