"""Class separation along principal components, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu
from sklearn.metrics import silhouette_score

from dge_experiments.explanation.inputs import Codes, Floats, class_codes, matrix
from dge_experiments.problem.sample import stratified


@dataclass(frozen=True)
class Separation:
    """How well a PCA separates the classes.

    Attributes
    ----------
    auc : columns ``component``, ``class`` (code; for two classes the second only), ``auc`` (of the
        component's score for that class against the others, folded: 0.5 no separation, 1 complete, whichever
        way the axis points)
    silhouette : columns ``space`` (a component, or all of them joined by " + "), ``silhouette`` (mean over
        genes, from -1 to 1; about 0 where the classes overlap)
    genes : number of genes the silhouettes were computed on
    note : one sentence that says how it was computed
    """

    auc: pd.DataFrame
    silhouette: pd.DataFrame
    genes: int
    note: str


def separation(
    scores: pd.DataFrame,
    y: Sequence[int] | NDArray[np.integer] | pd.Series,
    *,
    seed: int,
    components: Sequence[str] = ("PC1", "PC2"),
    max_genes: int = 3000,
) -> Separation:
    """Silhouette and folded ROC AUC of the classes along principal components.

    The AUC uses all genes. The silhouette's distances grow with the square of the number of genes: above
    ``max_genes`` it is that of a stratified random sample.

    Parameters
    ----------
    scores : rows are genes, columns components
    y : class code of each gene
    seed : of the sample
    components : columns of ``scores`` to look along (those it has)
    max_genes : largest number of genes for the silhouette

    Raises
    ------
    ValueError
        none of ``components`` in ``scores``, scores that are not finite, or one class only

    References
    ----------
    Rousseeuw 1987, Journal of Computational and Applied Mathematics 20:53, doi:10.1016/0377-0427(87)90125-7.
    Hanley & McNeil 1982, Radiology 143:29, doi:10.1148/radiology.143.1.7063747.
    """
    axes = [component for component in components if component in scores.columns]
    codes = class_codes(y, len(scores))
    classes = np.unique(codes)
    auc = [
        (axis, int(code), folded_auc(matrix(scores[[axis]])[:, 0], codes == code))
        for axis in axes
        for code in (classes if len(classes) > 2 else classes[1:])
    ]
    rows = stratified(np.arange(len(codes)), codes, max_genes, seed)
    spaces = [([j], axis) for j, axis in enumerate(axes)]
    if len(axes) > 1:
        spaces.append((list(range(len(axes))), " + ".join(axes)))
    sampled = matrix(scores[axes].iloc[rows])
    silhouette = [(name, _silhouette(sampled[:, columns], codes[rows])) for columns, name in spaces]
    sample = (
        f"a stratified sample of {len(rows)} of {len(codes)} genes" if len(rows) < len(codes) else "all genes"
    )
    return Separation(
        auc=pd.DataFrame(auc, columns=["component", "class", "auc"]),
        silhouette=pd.DataFrame(silhouette, columns=["space", "silhouette"]),
        genes=len(rows),
        note=f"AUC of each component on all {len(codes)} genes, folded at 0.5; silhouette on {sample}.",
    )


def folded_auc(score: Floats, positive: NDArray[np.bool_]) -> float:
    """ROC AUC of ``score`` for ``positive``, or of its negative if that is larger: in [0.5, 1].

    The Mann-Whitney statistic over the number of pairs (Mann & Whitney 1947, doi:10.1214/aoms/1177730491).
    """
    u = mannwhitneyu(score[positive], score[~positive], method="asymptotic").statistic
    auc = float(u / positive.sum() / (~positive).sum())
    return max(auc, 1.0 - auc)


def _silhouette(points: Floats, codes: Codes) -> float:
    """Mean silhouette; NaN where it is not defined (every gene a class of its own)."""
    return float(silhouette_score(points, codes)) if len(np.unique(codes)) < len(codes) else float("nan")
