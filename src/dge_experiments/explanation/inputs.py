"""The checked input of every explanation: a finite feature matrix and one class code per gene."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def matrix(X: pd.DataFrame) -> Floats:
    """Values of ``X`` (rows are genes, columns features) as float64, shape (genes, features).

    Raises
    ------
    ValueError
        no genes or features, a repeated column, text, or a cell that is not finite
    """
    if X.shape[0] == 0 or X.shape[1] == 0:
        raise ValueError(f"features: {X.shape[0]} genes and {X.shape[1]} features; give at least one of each")
    repeated = X.columns[X.columns.duplicated()]
    if len(repeated):
        raise ValueError(
            f"features: column {repeated[0]!r} appears more than once; give each feature one name"
        )
    for column in X.columns:
        if not pd.api.types.is_numeric_dtype(X[column]):
            raise ValueError(
                f"features: column {column!r} holds {X[column].dtype}, not numbers; drop or encode it"
            )
    values: Floats = X.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        row, column = bad[0]
        raise ValueError(
            f"features: column {X.columns[column]!r}, row {X.index[row]}: {values[row, column]} is not a "
            f"finite number ({len(bad)} such cells); drop these genes or fill them in"
        )
    return values


def class_codes(y: Sequence[int] | NDArray[np.integer] | pd.Series, genes: int) -> Codes:
    """Class codes as int64 of shape (genes,), at least two different ones.

    Raises
    ------
    ValueError
        another length than ``genes``, codes that are not whole numbers, or one class only
    """
    labels = np.asarray(y)
    if labels.shape != (genes,):
        raise ValueError(
            f"labels: {labels.shape[0] if labels.ndim else 0} labels for {genes} genes; give one per gene"
        )
    if labels.dtype.kind not in "iub":
        raise ValueError(
            f"labels: class codes are whole numbers, not {labels.dtype}; encode the classes first"
        )
    codes = labels.astype(np.int64)
    if len(np.unique(codes)) < 2:
        raise ValueError(
            f"labels: all {genes} genes are of class {codes[0]}; at least two classes are needed"
        )
    return codes
