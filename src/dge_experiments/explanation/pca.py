"""Principal components of the scaled features."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.decomposition import IncrementalPCA
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

BATCH = 100_000


@dataclass(frozen=True)
class Components:
    """Attributes
    ----------
    scores : rows are genes, columns PC1, PC2, ...: the genes' coordinates, in standard deviations,
        as float32
    loadings : rows are features (column ``feature``), columns PC1, PC2, ...: unit-length directions
    variance : rows are components: component, explained (share of the variance), cumulative
    """

    scores: pd.DataFrame
    loadings: pd.DataFrame
    variance: pd.DataFrame


def components(X: pd.DataFrame) -> Components:
    """Principal component analysis of ``X`` (rows are genes), each feature scaled to mean 0 and variance 1.

    Hotelling 1933, doi:10.1037/h0071325. A component's sign is fixed: its largest loading is positive.
    """
    values, scaler, pca = (
        X.to_numpy(np.float64),
        StandardScaler(),
        IncrementalPCA(),
    )  # exact: all components are kept
    parts = list(gen_batches(len(values), BATCH, min_batch_size=values.shape[1]))
    for part in parts:
        scaler.partial_fit(values[part])
    for part in parts:
        pca.partial_fit(scaler.transform(values[part]))
    scores = np.empty((len(values), len(pca.components_)), np.float32)
    for part in parts:
        scores[part] = pca.transform(scaler.transform(values[part]))
    largest = abs(pca.components_).argmax(axis=1)
    signs = [1.0 if row[i] >= 0 else -1.0 for row, i in zip(pca.components_, largest, strict=True)]
    names = [f"PC{k + 1}" for k in range(len(signs))]
    explained = pca.explained_variance_ratio_
    return Components(
        scores=pd.DataFrame(np.multiply(scores, signs, out=scores, casting="unsafe"), columns=names),
        loadings=pd.DataFrame(pca.components_.T * signs, columns=names).assign(feature=list(X.columns))[
            ["feature", *names]
        ],
        variance=pd.DataFrame({"component": names, "explained": explained, "cumulative": explained.cumsum()}),
    )
