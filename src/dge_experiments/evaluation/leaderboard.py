"""Runs that may be ranked against each other: same table, same question, same split."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.comparison import Comparison, compare

COMPARABLE = ("data_digest", "target", "split_hash")
LOWER_IS_BETTER = ("brier", "log_loss", "ece", "seconds")


@dataclass(frozen=True)
class Board:
    """Attributes
    ----------
    experiment, data_digest, target, split_hash : what its runs have in common
    metric : what they are ranked by
    runs : one row per finished run, best first; those without the metric last
    comparison : each model's best run on the folds they share, or None where folds or models are too few
    """

    experiment: str
    data_digest: str
    target: str
    split_hash: str
    metric: str
    runs: pd.DataFrame
    comparison: Comparison | None


def boards(
    runs: pd.DataFrame, metric: str | None, folds: Callable[[str], pd.DataFrame | None]
) -> list[Board]:
    """Group finished runs by table, target and split, and rank each group by itself, newest group first.

    Parameters
    ----------
    runs : rows are parent runs, newest first; ``run_id model experiment status scoring folds``, the columns of
        ``COMPARABLE``, metrics
    metric : such as ``test/mcc``; default is ``cv/<scoring>`` of the group's newest run
    folds : run id -> its scores (rows are folds, columns metrics without ``cv/``), or None

    Raises
    ------
    BadInput
        no finished run has the metric
    """
    done = runs[runs["status"] == "finished"]
    if metric is not None and (metric not in done or done[metric].isna().all()):
        known = ", ".join(sorted(c for c in map(str, done) if c.startswith(("cv/", "test/", "honest/"))))
        raise BadInput(f"metric={metric}: no finished run has it (there are {known or 'no scores'})")
    return [_board(group, metric, folds) for _, group in done.groupby(list(COMPARABLE), sort=False)]


def lower_is_better(metric: str) -> bool:
    """Whether less is more: losses and seconds."""
    return any(word in metric for word in LOWER_IS_BETTER)


def _board(group: pd.DataFrame, metric: str | None, folds: Callable[[str], pd.DataFrame | None]) -> Board:
    first = group.iloc[0]
    by = metric or f"cv/{first['scoring']}"
    if by not in group:
        group = group.assign(**{by: float("nan")})
    ranked = group.sort_values(by, ascending=lower_is_better(by), kind="stable", na_position="last")
    ranked = ranked.dropna(axis="columns", how="all").reset_index(drop=True)
    about = {name: str(first[name]) for name in ("experiment", *COMPARABLE)}
    return Board(metric=by, runs=ranked, comparison=_comparison(ranked, by, folds), **about)


def _comparison(
    ranked: pd.DataFrame, metric: str, folds: Callable[[str], pd.DataFrame | None]
) -> Comparison | None:
    """Corrected resampled t-tests between each model's best run; the folds' sizes follow from their number."""
    best = ranked.drop_duplicates("model")
    if not metric.startswith("cv/") or len(best) < 2:
        return None
    score = metric.removeprefix("cv/")
    scores = {str(row.model): folds(str(row.run_id)) for row in best.itertuples()}
    found = {model: frame[score] for model, frame in scores.items() if frame is not None and score in frame}
    lengths = {len(column) for column in found.values()}
    dealt = {int(n) for n in best["folds"]}
    if len(found) < 2 or len(lengths) != 1 or len(dealt) != 1 or min(dealt) < 2:
        return None
    sign = -1 if lower_is_better(metric) else 1
    wide = pd.DataFrame({model: sign * column.to_numpy() for model, column in found.items()})
    return compare(wide, n_train=dealt.pop() - 1, n_test=1)
