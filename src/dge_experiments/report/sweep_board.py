"""A leaderboard: models of one question on one split, ranked, and which of them are really different."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.evaluation.comparison import Comparison, compare, mcnemar
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import HONEST
from dge_experiments.report import metrics as outcome
from dge_experiments.report.chapters.leaderboard import summary
from dge_experiments.report.records import Description, Frame, Record, Text
from dge_experiments.report.words.description import description
from dge_experiments.search.engine import Trial

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Entry:
    """One finished experiment.

    Attributes
    ----------
    figures : column -> value: model, question, every metric
    given, honest, baseline : its trials on the same folds; honest is None without label sources
    fit_on, score_on : genes in a fold's two parts
    experiment : all of it
    """

    figures: dict[str, object]
    given: Trial
    honest: Trial | None
    baseline: Trial
    fit_on: int
    score_on: int
    experiment: Result


@dataclass(frozen=True)
class Leaderboard:
    """``frame``: rows are models, best cross-validated score first; the comparisons are of fold scores.

    ``experiments`` are in the same order.

    ``honest`` compares the scores without label sources, the constant answer (dummy) among them.
    """

    frame: pd.DataFrame
    scoring: str
    given: Comparison
    honest: Comparison | None
    experiments: tuple[Result, ...]

    @property
    def pairwise(self) -> dict[str, pd.DataFrame]:
        """What was compared -> the tests of all pairs."""
        tests = {"as given": self.given.pairwise}
        return {**tests, "honest": self.honest.pairwise} if self.honest else tests

    @property
    def sentences(self) -> list[str]:
        """The findings in plain words."""
        leak = str(self.frame["leak"].iloc[0]).replace(", ", " and ")
        named = f"{leak} {'give' if ' and ' in leak else 'gives'}"
        said = [f"As given: {self.given.sentence}"]
        if leak != "none":
            said.insert(0, f"LEAK: {named} the answer away; the scores as given do not rank the models.")
        if self.honest:
            said.append(f"Honest, without {leak}: {self.honest.sentence}")
        return said


def entry(experiment: Result) -> Entry:
    """The experiment's place in a leaderboard."""
    problem = experiment.plan.problem
    fit_on, score_on = problem.split.cv_folds[0]
    figures = {
        "experiment": problem.name,
        "sweep_id": experiment.settings.sweep_id,
        "data_digest": problem.table.digest,
        "split_hash": problem.split.hash,
        "model": experiment.settings.model.name,
        "scoring": experiment.settings.search.scoring,
        "leak": ", ".join(problem.leak) or "none",
        **outcome.metrics(experiment),
    }
    honest = experiment.readings.get(HONEST)
    return Entry(
        figures,
        experiment.given.cv,
        honest.cv if honest else None,
        experiment.baseline_cv,
        len(fit_on),
        len(score_on),
        experiment,
    )


def leaderboards(entries: Sequence[Entry]) -> Iterator[Leaderboard]:
    """One for each question, split and metric: only those scores can be compared."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for each in entries:
        key = tuple(each.figures[k] for k in ("experiment", "data_digest", "split_hash", "scoring", "leak"))
        groups.setdefault(key, []).append(each)
    for members in groups.values():
        yield _ranked(members)


def records(board: Leaderboard, report: str, link: str = "") -> Iterator[Record]:
    """Table, comparison, and the report (HTML); ``link`` is where the run's description points to it."""
    frame = board.frame
    yield Description(description(board.sentences, summary(frame, board.scoring), link))
    yield Frame("leaderboard.csv", frame, side_by_side=True)
    yield Frame("comparison.csv", board.given.pairwise)
    if board.honest:
        yield Frame("comparison_honest.csv", board.honest.pairwise)
    yield Text("report.html", report)


def _ranked(members: Sequence[Entry]) -> Leaderboard:
    scoring = str(members[0].figures["scoring"])
    frame = pd.DataFrame([each.figures for each in members])
    frame = frame.sort_values(f"cv/{scoring}", ascending=False, kind="stable")
    experiments = tuple(members[place].experiment for place in frame.index)
    frame = frame.reset_index(drop=True)
    given = {_model(each): each.given for each in members}
    honest = {_model(each): each.honest for each in members if each.honest}
    answers = {_model(each): each.experiment.given.test.prediction.predicted for each in members}
    honest_answers = {
        _model(each): each.experiment.tests[HONEST].prediction.predicted for each in members if each.honest
    }
    first = members[0]
    return Leaderboard(
        frame,
        scoring,
        _compared(given, answers, scoring, first),
        _compared(honest, honest_answers, scoring, first) if honest else None,
        experiments,
    )


def _model(entry: Entry) -> str:
    return str(entry.figures["model"])


def _compared(
    trials: dict[str, Trial], answers: dict[str, Labels], scoring: str, shared: Entry
) -> Comparison:
    """Fold scores by the corrected t-test, answers on the shared held-out part by McNemar's, the dummy among them."""
    trials = {**trials, "dummy": shared.baseline}
    folds = pd.DataFrame({name: [fold[scoring] for fold in trial.folds] for name, trial in trials.items()})
    comparison = compare(folds, shared.fit_on, shared.score_on)
    y = shared.experiment.given.test.y
    train = shared.experiment.plan.problem.labels.y[shared.experiment.plan.problem.split.train]
    answers = {**answers, "dummy": np.full_like(y, np.bincount(train).argmax())}
    pairs = comparison.pairwise
    tests = [mcnemar(y, answers[a], answers[b]) for a, b in zip(pairs["first"], pairs["second"], strict=True)]
    return replace(comparison, pairwise=pairs.assign(mcnemar_p=[test.p_value for test in tests]))
