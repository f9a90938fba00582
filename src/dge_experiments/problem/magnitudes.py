"""Statistics as magnitudes: how large and how certain a change is, in either direction."""

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

Values = npt.NDArray[np.float64]
SMALLEST = 1e-300  # P values are at least this before their logarithm is taken


def root_of_size(values: Values) -> Values:
    """The square root of the absolute value, so that the largest values do not dominate a linear model."""
    return np.asarray(np.sqrt(np.abs(values)))


def minus_log10(values: Values) -> Values:
    """-log10 of a P value."""
    return np.asarray(-np.log10(np.clip(values, SMALLEST, 1)))


MAGNITUDE: Mapping[str, Callable[[Values], Values]] = {
    "logFC": root_of_size,
    "t": root_of_size,
    "P.Value": minus_log10,
    "adj.P.Val": minus_log10,
}


class Magnitudes(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replaces logFC and t by the root of their size and P values by their -log10; other columns are unchanged.

    It is a step of the pipeline: models are fitted, served and applied with the table's own columns, and each column
    stays one column. A question that does not depend on the sign, such as which genes replicate, is symmetric in it,
    and a linear model of signed columns cannot be.

    Parameters
    ----------
    columns : names of the columns of an array given to ``fit``; a data frame has its own

    Attributes
    ----------
    columns_ : names of the columns
    """

    def __init__(self, columns: tuple[str, ...] = ()) -> None:
        self.columns = columns

    def fit(self, X: Any, y: Any = None) -> Self:
        """Keep the names of the columns of ``X``, shape (genes, features).

        Raises
        ------
        ValueError
            an array with other columns than ``columns`` names
        """
        if isinstance(X, pd.DataFrame):
            self.columns_ = tuple(map(str, X))
            self.feature_names_in_ = np.array(self.columns_, dtype=object)
        elif np.shape(X)[1] == len(self.columns):
            self.columns_ = tuple(self.columns)
        else:
            raise ValueError(f"the array has {np.shape(X)[1]} columns and {len(self.columns)} are named")
        self.n_features_in_ = len(self.columns_)
        return self

    def transform(self, X: Any) -> Values:
        """Shape (genes, features), the columns in their order."""
        values = np.array(X, dtype=np.float64)
        for place, column in enumerate(self.columns_):
            if column in MAGNITUDE:
                values[:, place] = MAGNITUDE[column](values[:, place])
        return values

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """The columns' own names."""
        return np.array(self.columns_, dtype=object)
