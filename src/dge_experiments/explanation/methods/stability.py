"""Stability selection: how often the LASSO selects each feature on random halves of the genes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dge_experiments.explanation.inputs import Codes, Floats, class_codes, matrix
from dge_experiments.explanation.method import Method, NotPossible, Subject
from dge_experiments.explanation.methods.regularization_path import lasso_path, smallest_c
from dge_experiments.search.workers import in_order

PILOT = 10
SUBSAMPLES = 50


@dataclass(frozen=True)
class Stability:
    """Selection frequencies (fractions of the subsamples).

    Attributes
    ----------
    features : columns ``feature``, ``frequency`` (the largest over the region), ``stable`` (``frequency`` at
        least the threshold), most stable first
    path : columns ``C`` (of the whole table; ascending), ``feature``, ``frequency``; the whole path
    region : one row per C; columns ``C``, ``q`` (mean number of features selected at it or before),
        ``error_bound`` (expected false selections up to it), ``used`` (whether it is in the region)
    q : mean number of features selected in the region
    error_bound : bound on the expected number of falsely selected features
    threshold : frequency from which a feature counts as stable
    note : one sentence that says how it was computed
    """

    features: pd.DataFrame
    path: pd.DataFrame
    region: pd.DataFrame
    q: float
    error_bound: float
    threshold: float
    note: str


def error_bound(q: float, features: int, threshold: float) -> float:
    """Theorem 1: expected number of falsely selected features, at most ``q² / ((2 threshold - 1) features)``.

    It holds where the unrelated features are exchangeable and the selection is no worse than guessing.

    Parameters
    ----------
    q : mean number of features selected in a subsample, over the whole region of C
    features : number of features
    threshold : selection frequency from which a feature counts as selected, above 0.5 and at most 1

    Raises
    ------
    ValueError
        ``threshold`` outside (0.5, 1]

    References
    ----------
    Meinshausen & Bühlmann 2010, Journal of the Royal Statistical Society B 72:417, Theorem 1,
    doi:10.1111/j.1467-9868.2010.00740.x.
    """
    if not 0.5 < threshold <= 1:
        raise ValueError(f"threshold={threshold}: it must be above 0.5 and at most 1; 0.6 to 0.9 is usual")
    return q**2 / ((2 * threshold - 1) * features)


def stability_selection(
    X: pd.DataFrame,
    y: Sequence[int] | NDArray[np.integer] | pd.Series,
    *,
    seed: int,
    threshold: float = 0.9,
    max_false: float = 1.0,
    subsamples: int = 100,
    points: int = 12,
    decades: float = 1.5,
) -> Stability:
    """Stability selection with the LASSO for (multinomial) logistic regression.

    Each subsample is a random half of each class's genes, standardised on its own. The LASSO path on it starts at the C
    at which the whole table's model is empty; its C are scaled so that the penalty per gene is that of the whole table.
    The region is the longest initial part of the path with an error bound of at most ``max_false``: with few features
    it may hold only the first to enter, or be empty (``q`` 0). The path ends early where the first 10 subsamples
    select 1.5 times the features that the bound allows. It runs in joblib's current configuration, and the result does
    not depend on it.

    Parameters
    ----------
    X : rows are genes, columns features; unscaled
    y : class code of each gene; a class needs 2 genes at least
    seed : of the subsamples and of the solver
    threshold : frequency from which a feature counts as stable, in (0.5, 1]
    max_false : largest bound on the expected number of falsely selected features
    subsamples : number of halves
    points, decades : largest number of C, and length of the path in powers of ten

    Raises
    ------
    ValueError
        cells that are not finite numbers, one class only, ``threshold`` outside (0.5, 1]
    NotPossible
        a class of one gene, or no feature that varies

    References
    ----------
    Meinshausen & Bühlmann 2010, Journal of the Royal Statistical Society B 72:417,
    doi:10.1111/j.1467-9868.2010.00740.x.
    """
    if not max_false > 0:
        raise ValueError(f"max_false={max_false}: the bound on false selections is above 0; 1 is usual")
    values, codes = matrix(X), class_codes(y, len(X))
    single = np.flatnonzero(np.bincount(codes - codes.min()) == 1)
    if len(single):
        raise NotPossible(
            f"labels: class {single[0] + codes.min()} has one gene; halves need at least 2 of each class"
        )
    grid = np.geomspace(1.0, 10**decades, points) * smallest_c(StandardScaler().fit_transform(values), codes)
    seeds = np.random.default_rng(seed).integers(2**31, size=subsamples)
    p = values.shape[1]
    allowed = (max_false / error_bound(1.0, p, threshold)) ** 0.5
    pilot = np.array(in_order([(_selected, (values, codes, grid, int(s))) for s in seeds[:PILOT]]))
    grid = grid[: _reach(pilot, 1.5 * allowed)]
    remaining = in_order([(_selected, (values, codes, grid, int(s))) for s in seeds[PILOT:]])
    selected = np.array([*pilot[:, : len(grid)], *remaining])

    so_far = np.logical_or.accumulate(selected, axis=1)
    q = so_far.sum(axis=2).mean(axis=0)
    bounds = np.array([error_bound(mean_selected, p, threshold) for mean_selected in q])
    used = bounds <= max_false
    frequency = selected.mean(axis=0)
    best = frequency[used].max(axis=0) if used.any() else np.zeros(p)
    names = [str(column) for column in X.columns]
    features = pd.DataFrame({"feature": names, "frequency": best, "stable": best >= threshold})
    reached = float(q[used].max(initial=0.0))
    return Stability(
        features=features.sort_values("frequency", ascending=False, kind="stable").reset_index(drop=True),
        path=pd.DataFrame(frequency, columns=names)
        .assign(C=grid)
        .melt("C", var_name="feature", value_name="frequency"),
        region=pd.DataFrame({"C": grid, "q": q, "error_bound": bounds, "used": used}),
        q=reached,
        error_bound=error_bound(reached, p, threshold),
        threshold=threshold,
        note=(
            f"LASSO on {subsamples} halves of {len(X):,} genes; stable from a selection frequency of "
            f"{threshold:g}, with at most {error_bound(reached, p, threshold):.2g} of {p} falsely so."
        ),
    )


def _reach(selected: NDArray[np.bool_], most: float) -> int:
    """How many C of the path to fit: all up to the first where more than ``most`` features were selected."""
    q = np.logical_or.accumulate(selected, axis=1).sum(axis=2).mean(axis=0)
    return int(np.argmax(q > most)) + 1 if (q > most).any() else len(q)


def half(codes: Codes, seed: int) -> Codes:
    """Rows of a random half of each class's genes (rounded down, 1 at least), ascending."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(codes == code) for code in np.unique(codes)]
    return np.sort(np.concatenate([rng.choice(m, max(1, len(m) // 2), replace=False) for m in members]))


def _selected(values: Floats, codes: Codes, grid: Floats, seed: int) -> NDArray[np.bool_]:
    """Whether each feature is in the model at each C; shape (C, features)."""
    rows = half(codes, seed)
    with threadpool_limits(limits=1):
        scaled = StandardScaler().fit_transform(values[rows])
        steps = lasso_path(scaled, codes[rows], grid * len(codes) / len(rows), seed, max_iter=500)
    return np.array([(coef != 0).any(axis=0) for coef, _ in steps])


def _run(subject: Subject) -> Stability:
    rows = subject.sample
    cached = subject.memory.cache(stability_selection)
    result: Stability = cached(
        subject.X.iloc[rows], subject.y[rows], seed=subject.seed, subsamples=SUBSAMPLES
    )
    return result


def _importance(result: Stability) -> dict[str, pd.Series]:
    """Selection frequencies; none where the error bound allows no selection at all."""
    return {"stability": result.features.set_index("feature")["frequency"]} if result.q > 0 else {}


METHOD = Method(
    name="stability",
    title="Stability selection",
    run=_run,
    frames=lambda result: {"stability/features.csv": result.features, "stability/path.csv": result.path},
    place=60,
    text=lambda result: "stability selection with the LASSO",
    cite="Meinshausen N, Bühlmann P. Stability selection. Journal of the Royal Statistical Society B 72:417 (2010). "
    "doi:10.1111/j.1467-9868.2010.00740.x",
    importance=_importance,
    sampled=True,
)
