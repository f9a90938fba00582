"""``dge.compare``: finished runs as a frame, ranked where they can be compared."""

import pandas as pd

from dge_experiments.evaluation.leaderboard import boards
from dge_experiments.report import comparison
from dge_experiments.tracking import parents, store


def compare(
    question: str | None = None,
    *,
    sweep: str | None = None,
    metric: str | None = None,
    tracking_uri: str | None = None,
) -> pd.DataFrame:
    """Finished runs of a store: rows are runs, ``board`` and ``rank`` first, best first on each board.

    A board holds the runs of one table, target and split; only those are ranked against each other. Unfinished
    runs have no rank.

    Parameters
    ----------
    question : an MLflow experiment, ``DATA-TARGET``; default is all
    sweep : a sweep id; only its runs
    metric : what runs are ranked by, such as ``test/roc_auc``; default is the cross-validated score of the search
    tracking_uri : of the store; default is MLflow's own

    Raises
    ------
    BadInput
        no such experiment or sweep, no run that has the metric
    """
    client = store.connect(tracking_uri)
    runs = parents.runs(client, question, sweep)
    leaderboards = boards(parents.finished(client, runs), metric)
    return comparison.frame(leaderboards, parents.unfinished(client, runs))
