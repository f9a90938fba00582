"""Runs that may be ranked against each other: same table, same question, same split."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.comparison import Comparison, compare

COMPARABLE = ("data_digest", "target", "rule", "split_hash")
HONEST = "honest/"
LOWER_IS_BETTER = ("brier", "log_loss", "ece", "seconds")


@dataclass(frozen=True)
class Board:
    """Attributes
    ----------
    experiment : MLflow experiments that its runs are in, newest first
    data_digest, target, rule, split_hash : what its runs have in common
    metric : what they are ranked by
    runs : one row per finished run, best first; those without the metric last
    comparison : each model's best run on the folds they share, or None where folds or models are too few
    honest : the same by the score without label sources; None as well where no run has any
    """

    experiment: str
    data_digest: str
    target: str
    rule: str
    split_hash: str
    metric: str
    runs: pd.DataFrame
    comparison: Comparison | None
    honest: Comparison | None

    @property
    def leak(self) -> str:
        """The features that hold the answer in at least one run, or ``none``."""
        named = {name for run in self.runs["leak"] if run != "none" for name in str(run).split(", ")}
        return ", ".join(sorted(named)) or "none"

    def tied(self, honest: bool) -> dict[str, str]:
        """Run id -> ``yes`` or ``simplest``: each model's best run, where it cannot be told from the best of all."""
        by_honest = self.metric.startswith(HONEST)
        found = self.comparison if by_honest == honest else self.honest if honest else None
        if found is None:
            return {}
        metric = f"{HONEST}{self.metric.removeprefix(HONEST)}" if honest else self.metric
        best = _ranked(self.runs, metric).drop_duplicates("model").set_index("model")["run_id"]
        return {str(best[model]): "simplest" if model == found.simplest else "yes" for model in found.tied}

    @property
    def sentences(self) -> list[str]:
        """The findings in plain words, the leak first."""
        if self.leak == "none":
            return [self.comparison.sentence] if self.comparison else []
        said = [f"LEAK: {self.leak} {'give' if ',' in self.leak else 'gives'} the answer away"]
        if self.metric.startswith(HONEST):
            said[0] += "; ranked by the honest score, made without."
        else:
            said[0] += f"; scores as given do not rank the models: try metric={HONEST}{self.metric}."
        if self.comparison:
            said.append(f"{self.metric}: {self.comparison.sentence}")
        if self.honest:
            said.append(f"{HONEST}{self.metric}: {self.honest.sentence}")
        return said


def boards(
    runs: pd.DataFrame, metric: str | None, folds: Callable[[str], pd.DataFrame | None]
) -> list[Board]:
    """Group finished runs by table, target and split, and rank each group by itself, newest group first.

    Parameters
    ----------
    runs : rows are parent runs, newest first; ``run_id model experiment status scoring folds leak``, the columns
        of ``COMPARABLE``, metrics
    metric : such as ``test/mcc``; default is ``cv/<scoring>`` of the group's newest run
    folds : run id -> its scores (rows are folds, columns ``cv/<metric>``, ``honest/cv/<metric>``), or None

    Raises
    ------
    BadInput
        no finished run has the metric
    """
    done = _own_is_honest(runs[runs["status"] == "finished"])
    if metric is not None and (metric not in done or done[metric].isna().all()):
        known = ", ".join(sorted(c for c in map(str, done) if c.startswith(("cv/", "test/", "honest/"))))
        raise BadInput(f"metric={metric}: no finished run has it (there are {known or 'no scores'})")
    return [_board(group, metric, folds) for _, group in done.groupby(list(COMPARABLE), sort=False)]


def lower_is_better(metric: str) -> bool:
    """Whether less is more: losses and seconds."""
    return any(word in metric for word in LOWER_IS_BETTER)


def score(metrics: Mapping[str, float], leak: str, metric: str) -> float | None:
    """A run's ``metric``, None where it has none; the honest score of a run without label sources is its own."""
    own = metric.removeprefix(HONEST) if leak == "none" else metric
    return metrics.get(metric, metrics.get(own))


def fold_scores(folds: pd.DataFrame | None, leak: str, metric: str) -> npt.NDArray[np.float64] | None:
    """The same for the scores on the folds, shape (folds,)."""
    own = metric.removeprefix(HONEST) if leak == "none" else metric
    found = None if folds is None else folds.get(metric, folds.get(own))
    return None if found is None else np.asarray(found, dtype=np.float64)


def _own_is_honest(done: pd.DataFrame) -> pd.DataFrame:
    """Runs without label sources get their own scores as the honest ones, where others have honest scores."""
    clean = done["leak"] == "none"
    honest = [name for name in map(str, done) if name.startswith(HONEST)]
    own = {name: name.removeprefix(HONEST) for name in honest if name.removeprefix(HONEST) in done}
    return done.assign(
        **{name: done[name].where(~clean | done[name].notna(), done[given]) for name, given in own.items()}
    )


def _board(group: pd.DataFrame, metric: str | None, folds: Callable[[str], pd.DataFrame | None]) -> Board:
    first = group.iloc[0]
    by = metric or f"cv/{first['scoring']}"
    if by not in group:
        group = group.assign(**{by: float("nan")})
    ranked = _ranked(group, by).dropna(axis="columns", how="all").reset_index(drop=True)
    honest = f"{HONEST}{by}" if (group["leak"] != "none").any() and f"{HONEST}{by}" in group else None
    return Board(
        experiment=", ".join(group["experiment"].unique()),
        **{name: str(first[name]) for name in COMPARABLE},
        metric=by,
        runs=ranked,
        comparison=_comparison(ranked, by, folds),
        honest=_comparison(_ranked(group, honest), honest, folds) if honest else None,
    )


def _ranked(group: pd.DataFrame, metric: str) -> pd.DataFrame:
    return group.sort_values(metric, ascending=lower_is_better(metric), kind="stable", na_position="last")


def _comparison(
    ranked: pd.DataFrame, metric: str, folds: Callable[[str], pd.DataFrame | None]
) -> Comparison | None:
    """Corrected resampled t-tests between each model's best run; the folds' sizes follow from their number."""
    best = ranked.drop_duplicates("model")
    if not metric.removeprefix(HONEST).startswith("cv/") or len(best) < 2:
        return None
    each = (
        (str(row.model), fold_scores(folds(str(row.run_id)), str(row.leak), metric))
        for row in best.itertuples()
    )
    found = {model: scores for model, scores in each if scores is not None}
    lengths = {len(scores) for scores in found.values()}
    dealt = {int(n) for n in best["folds"]}
    if len(found) < 2 or len(lengths) != 1 or len(dealt) != 1 or min(dealt) < 2:
        return None
    sign = -1 if lower_is_better(metric) else 1
    wide = pd.DataFrame({model: sign * scores for model, scores in found.items()})
    return compare(wide, n_train=dealt.pop() - 1, n_test=1)
