"""The scores of a run as tables: one row for each metric and reading, and the small table below the verdict."""

import numpy as np
import pandas as pd

from dge_experiments.evaluation.metrics import compared, title
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.report.page.cells import estimates
from dge_experiments.report.words.verdict import tuned_on


def scores(experiment: Result) -> pd.DataFrame:
    """Held-out scores, one row for each metric and reading: ``metric`` (its name), ``reading`` ("model" where there is
    only one, and "constant answer"), ``score``, ``low``, ``high`` (95 %; nan where there is none)."""
    as_given = experiment.given.test
    names = compared(as_given.scores)
    tests = experiment.tests if len(experiment.tests) > 1 else {"model": as_given}
    rows = [
        (title(m), reading, test.scores[m], *test.intervals.loc[m, ["low", "high"]])
        for reading, test in tests.items()
        for m in names
    ]
    constant = [(title(m), "constant answer", as_given.baseline[m], np.nan, np.nan) for m in names]
    return pd.DataFrame([*rows, *constant], columns=["metric", "reading", "score", "low", "high"])


def small_table(experiment: Result) -> pd.DataFrame:
    """The table below the verdict: held-out scores with their 95 % intervals, and the cross-validated scores."""
    long = scores(experiment)
    wide = long.assign(score=estimates(long, "score", "low", "high")).pivot(
        index="metric", columns="reading", values="score"
    )
    several = len(experiment.readings) > 1
    columns = {
        **(
            {reading: f"{reading}, held out" for reading in (HONEST, AS_GIVEN)}
            if several
            else {"model": "held out"}
        ),
        "constant answer": "constant answer",
    }
    frame = wide.loc[long["metric"].unique(), list(columns)].rename(columns=columns).reset_index()
    tuned = tuned_on(experiment.study, experiment.plan.problem.split)
    cross_validated = ", ".join(filter(None, (AS_GIVEN if several else "", "cross-validated", tuned)))
    return frame.assign(
        **{cross_validated: [experiment.given.cv.mean(m) for m in compared(experiment.given.test.scores)]}
    )
