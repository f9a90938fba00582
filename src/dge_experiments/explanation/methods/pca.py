"""Principal components of the scaled features, and how well they separate the classes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from dge_experiments.explanation.method import Method, Subject
from dge_experiments.explanation.separation import Separation, separation


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


@dataclass(frozen=True)
class Shape:
    """The shape of a table: its components, the separation of the classes along them, names and labels of the genes."""

    components: Components
    separation: Separation
    genes: pd.Series
    labels: "pd.Categorical[str]"


def components(X: pd.DataFrame) -> Components:
    """Principal component analysis of ``X`` (rows are genes), each feature scaled to mean 0 and variance 1.

    Hotelling 1933, doi:10.1037/h0071325. A component's sign is fixed: its largest loading is positive.
    """
    scaled = StandardScaler().fit_transform(X.to_numpy(np.float64))
    pca = PCA(svd_solver="covariance_eigh").fit(scaled)
    largest = abs(pca.components_).argmax(axis=1)
    signs = [1.0 if row[i] >= 0 else -1.0 for row, i in zip(pca.components_, largest, strict=True)]
    names = [f"PC{k + 1}" for k in range(len(signs))]
    explained = pca.explained_variance_ratio_
    return Components(
        scores=pd.DataFrame((pca.transform(scaled) * signs).astype(np.float32), columns=names),
        loadings=pd.DataFrame(pca.components_.T * signs, columns=names).assign(feature=list(X.columns))[
            ["feature", *names]
        ],
        variance=pd.DataFrame({"component": names, "explained": explained, "cumulative": explained.cumsum()}),
    )


def shape(subject: Subject, features: list[str]) -> Shape:
    """Components of ``features`` over all genes."""
    decomposition = components(subject.X[features])
    class_separation = separation(decomposition.scores, subject.y, seed=subject.seed)
    return Shape(
        decomposition,
        class_separation,
        subject.genes,
        pd.Categorical.from_codes(subject.y, pd.Index(list(subject.classes))),
    )


def _frames(result: Shape) -> dict[str, pd.DataFrame]:
    named = {"gene": result.genes.to_numpy(), "label": result.labels}
    return {
        "pca/scores.csv": pd.DataFrame({**named, **result.components.scores}),
        "pca/loadings.csv": result.components.loadings,
        "pca/variance.csv": result.components.variance,
        "pca/separation.csv": result.separation.auc,
        "pca/silhouette.csv": result.separation.silhouette,
    }


METHOD = Method(
    name="pca",
    title="Principal components",
    run=lambda subject: shape(subject, list(subject.X.columns)),
    frames=_frames,
    place=70,
    always=True,
    chapter="shape",
)
