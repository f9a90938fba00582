"""A finished experiment as a row of a leaderboard."""

import numpy as np
import pandas as pd

from dge_experiments.evaluation.answers import Answers
from dge_experiments.evaluation.rankings import best
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.report.metrics import metrics
from dge_experiments.settings.flat import flat


def row(result: Result, run_id: str = "") -> RunRow:
    """The row of an experiment in memory; ``run_id`` where it is in a store as well."""
    problem, settings = result.plan.problem, result.settings
    return RunRow(
        run_id=run_id,
        model=settings.model.name,
        scoring=settings.search.scoring,
        about={
            "data_digest": problem.table.digest,
            "target": problem.target,
            "rule": problem.labels.rule,
            "split_hash": problem.split.hash,
        },
        metrics={name: value for name, value in metrics(result).items() if value == value},
        leak=tuple(problem.leak),
        graded=tuple(problem.trained.graded),
        shared=problem.shared.count if problem.shared.leaks else "",
        settings=flat(settings),
        experiment=problem.name,
        sweep_id=settings.sweep_id,
        title=settings.model.called,
        simplicity=settings.model.simplicity,
        dealt=settings.split.folds,
        folds=lambda: folds(result),
        answers=lambda: Answers.parse(predictions(result)),
    )


def folds(result: Result) -> pd.DataFrame:
    """The chosen model's scores: rows are folds, columns ``cv/<metric>`` and ``honest/cv/<metric>``."""
    frames = [
        pd.DataFrame(assessment.cv.folds).add_prefix("cv/" if reading == AS_GIVEN else f"{reading}/cv/")
        for reading, assessment in result.readings.items()
    ]
    return pd.concat(frames, axis="columns")


def predictions(result: Result) -> pd.DataFrame:
    """Rows are held-out genes: gene, true class, predicted class and probability of each class, the same for the honest
    reading (``honest_``), the constant answer (see ``evaluation.answers``)."""
    problem, test = result.plan.problem, result.given.test
    ranking = best(result.rankings, result.settings.search.scoring)
    answers = Answers(
        classes=tuple(problem.labels.classes),
        y=test.y,
        readings={reading: held_out.prediction for reading, held_out in result.tests.items()},
        constant=int(np.bincount(problem.labels.y[problem.split.train]).argmax()),
        ranking=(ranking.by, ranking.prediction) if ranking else None,
        groups=problem.split.test_groups,
    )
    return answers.frame(problem.table.frame["gene"].to_numpy()[problem.split.test])
