"""Agreement of importance methods: their ranks side by side, and Kendall's W."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, rankdata


@dataclass(frozen=True)
class Agreement:
    """How far importance methods agree on the order of the features.

    Attributes
    ----------
    ranks : one row per feature, best mean rank first; columns ``feature``, one per method (rank 1 is the most
        important; ties share their mean rank), ``mean_rank``
    w : Kendall's W, corrected for ties: 0 no agreement, 1 the same order; NaN if it is not defined (one
        method or one feature, or every method ties all features)
    p_value : of the chi-squared approximation to W under random orders; rough below 8 features
    caution : what groups of redundant features mean for these ranks; "" if there are none
    note : one sentence on the agreement
    """

    ranks: pd.DataFrame
    w: float
    p_value: float
    caution: str
    note: str


def agreement(
    importances: Mapping[str, Mapping[str, float] | pd.Series], groups: Sequence[Sequence[str]] = ()
) -> Agreement:
    """Ranks of the features by each method, and Kendall's coefficient of concordance, W, corrected for ties.

    ``W = 12 S / (m² (n³ - n) - m T)``, with S the sum of squared deviations of the n features' rank sums from
    their mean, m the number of methods, and T the sum of ``t³ - t`` over groups of t tied features in each
    method.

    Parameters
    ----------
    importances : method -> (feature -> importance, larger is more important); all methods rate the same
        features
    groups : groups of features that are redundant with each other

    Raises
    ------
    ValueError
        no method, methods that rate different features, or an importance that is not a number

    References
    ----------
    Kendall & Babington Smith 1939, Annals of Mathematical Statistics 10:275, doi:10.1214/aoms/1177732186.
    """
    if not importances:
        raise ValueError("agreement: no importance method was given; give one at least")
    columns = {method: pd.Series(dict(values), dtype="float64") for method, values in importances.items()}
    first = next(iter(columns))
    features = columns[first].index
    for method, values in columns.items():
        if set(values.index) != set(features):
            odd = sorted(set(values.index) ^ set(features))[0]
            raise ValueError(
                f"agreement: feature {odd!r} is rated by one of {first!r}, {method!r} only; rate it in both"
            )
        if values.isna().any():
            raise ValueError(
                f"agreement: {method!r} rates {values.index[values.isna()][0]!r} as NaN; leave the method out"
            )
    ranks = pd.DataFrame(
        {method: rankdata(-values.loc[features]) for method, values in columns.items()}, index=features
    )
    w = kendalls_w(ranks.to_numpy())
    n, m = ranks.shape
    ordered = ranks.assign(mean_rank=ranks.mean(axis=1)).sort_values("mean_rank", kind="stable")
    return Agreement(
        ranks=ordered.rename_axis("feature").reset_index(),
        w=w,
        p_value=float(chi2.sf(m * (n - 1) * w, n - 1)) if np.isfinite(w) else float("nan"),
        caution=redundancy_caution(groups, set(features)),
        note=(
            f"{m} methods rank {n} features with Kendall's W = {w:.2f} (1: the same order; 0: no agreement)."
            if np.isfinite(w)
            else f"{m} methods and {n} features: Kendall's W is not defined."
        ),
    )


def kendalls_w(ranks: np.ndarray) -> float:
    """Kendall's W with tie correction; ``ranks`` of shape (features, methods), ties as mean ranks."""
    n, m = ranks.shape
    ties = sum(float((counts**3 - counts).sum()) for counts in (_tie_sizes(column) for column in ranks.T))
    largest = m**2 * (n**3 - n) - m * ties
    if m < 2 or largest <= 0:
        return float("nan")
    sums = ranks.sum(axis=1)
    return float(12 * ((sums - sums.mean()) ** 2).sum() / largest)


def redundancy_caution(groups: Sequence[Sequence[str]], features: set[str]) -> str:
    """What redundant groups mean for importances; only members among ``features`` count."""
    present = [[name for name in group if name in features] for group in groups]
    named = "; ".join(", ".join(group) for group in present if len(group) > 1)
    if not named:
        return ""
    return (
        f"Redundant features ({named}): each tells what the others in its group tell, so the importance "
        "of a group is shared out arbitrarily within it; read the group's sum, not its members' ranks."
    )


def _tie_sizes(column: np.ndarray) -> np.ndarray:
    return np.unique(column, return_counts=True)[1].astype(float)
