"""The rank of each gene within its own table, so that studies on different scales can be compared."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm, rankdata
from sklearn.base import BaseEstimator, TransformerMixin

from dge_experiments.errors import BadInput
from dge_experiments.studies.answers import NEEDED
from dge_experiments.studies.shrinkage import chance, prior_of, standard_errors

STANDINGS = ("effect", "evidence", "precision", "expected")


def standings(frame: pd.DataFrame, alpha: float = 0.05) -> pd.DataFrame:
    """Standings of the genes of one whole table, as normal quantiles of ranks.

    Parameters
    ----------
    frame : rows are genes, with the columns logFC and P.Value
    alpha : P below this is called significant

    Returns
    -------
    The index of ``frame``; columns `effect` (absolute logFC), `evidence` (P.Value, smallest highest), `precision`
    (standard error, smallest highest) and `expected` (the chance to replicate, estimated from this table alone, see
    `shrinkage.chance`). The last two are 0 where no row gives a standard error.
    """
    effect, p = frame["logFC"], frame["P.Value"]
    columns = pd.DataFrame(
        {"effect": effect.abs(), "evidence": -p, "precision": 0.0, "expected": 0.0}, frame.index
    )
    try:
        se = standard_errors(frame[list(NEEDED)])
        columns["precision"] = -se
        columns["expected"] = chance(effect, se, prior_of(effect, se), float(np.median(se)), alpha)
    except BadInput:  # no standard errors: all genes rank equal
        pass
    return columns.apply(_quantiles)


class Standings(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The first step of a model that reads one table: logFC and P.Value in, standings within that table out.

    It must be given a whole table: a gene's rank among a few genes says nothing.

    Parameters
    ----------
    alpha : P below this is called significant
    """

    def __init__(self, alpha: float = 0.05) -> None:
        self.alpha = alpha

    def fit(self, X: Any, y: Any = None) -> Self:
        """Nothing is learned."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: Any) -> npt.NDArray[np.float64]:
        """Shape (genes, 4), in the order of ``STANDINGS``; ``X`` has logFC and P.Value, shape (genes, 2)."""
        frame = pd.DataFrame(np.asarray(X, dtype=np.float64), columns=list(NEEDED))
        return standings(frame, self.alpha)[list(STANDINGS)].to_numpy()


def _quantiles(values: pd.Series) -> npt.NDArray[np.float64]:
    """Normal quantiles of the ranks, shape (genes,)."""
    return np.asarray(norm.ppf((rankdata(values) - 0.5) / len(values)))
