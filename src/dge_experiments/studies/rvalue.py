"""r-values: the false discovery rate at which a gene can be called replicated."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Scores = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Replicability:
    """Attributes
    ----------
    r_values : shape (genes,); 1 for a gene that is not selected in both studies with one sign
    selected, second_selected : genes whose one-sided P is at most alpha in the first, in the second study
    null, second_null : estimated share of genes without effect in the first study among those selected in the
        second, and the other way round; above 1 where hardly any has one
    """

    r_values: Scores
    selected: int
    second_selected: int
    null: float
    second_null: float


def one_sided(p: npt.ArrayLike, effect: npt.ArrayLike) -> Scores:
    """The P value for an effect above 0, from a two-sided P and the effect's sign."""
    half = np.asarray(p, dtype=np.float64) / 2
    return np.where(np.asarray(effect) > 0, half, 1 - half)


def symmetric(p: npt.ArrayLike, second_p: npt.ArrayLike, alpha: float = 0.05) -> Replicability:
    """r-values of two studies of the same genes, neither the primary one, for effects of one sign.

    Calling all genes with an r-value of at most ``alpha`` replicated keeps the expected share of false calls,
    genes without effect or of another sign in at least one study, at ``alpha``. Adaptive procedure of Bogomolov
    and Heller (2018), with weights of one half; equal to ``radjust::radjust_sym(variant = "adaptive",
    directional_rep_claim = TRUE)`` in R. P values within a study may depend positively.

    Parameters
    ----------
    p, second_p : shape (genes,), one-sided P values for an effect above 0 (``one_sided``)
    alpha : selects genes in each study

    References
    ----------
    Bogomolov and Heller 2018, doi:10.1093/biomet/asy029
    """
    first, second = np.asarray(p, dtype=np.float64), np.asarray(second_p, dtype=np.float64)
    chosen, second_chosen = (np.minimum(values, 1 - values) <= alpha for values in (first, second))
    up, second_up = first <= 0.5, second <= 0.5
    toward, second_toward = np.where(second_up, first, 1 - first), np.where(up, second, 1 - second)
    null, n_second = _null(toward[second_chosen], alpha), int(second_chosen.sum())
    second_null, n_first = _null(second_toward[chosen], alpha), int(chosen.sum())
    replicable = chosen & second_chosen & (up == second_up)
    r_values = np.ones(len(first))
    worst = np.maximum(
        null * n_second * toward[replicable], second_null * n_first * second_toward[replicable]
    )
    r_values[replicable] = _step_up(2 * worst)
    return Replicability(r_values, n_first, n_second, null, second_null)


def follow_up(p: npt.ArrayLike, second_p: npt.ArrayLike, examined: int, weight: float = 0.5) -> Scores:
    """r-values of genes that a primary study chose and a second study tested again, shape (genes,).

    Parameters
    ----------
    p, second_p : shape (genes,), of the genes followed up alone; two-sided, or one-sided towards one sign
    examined : genes that the primary study tested
    weight : of the follow-up's share of the error (c2); one half is near the best in simulations

    Raises
    ------
    ValueError
        fewer genes examined than followed up

    References
    ----------
    Heller, Bogomolov and Benjamini 2014, doi:10.1073/pnas.1314814111; Bogomolov and Heller 2013,
    doi:10.1080/01621459.2013.829002
    """
    first, second = np.asarray(p, dtype=np.float64), np.asarray(second_p, dtype=np.float64)
    if examined < len(first):
        raise ValueError(f"{examined} genes examined and {len(first)} followed up")
    return _step_up(np.maximum(examined * first / (1 - weight), len(first) * second / weight))


def _null(p: Scores, alpha: float) -> float:
    """Estimated share without effect among genes that the other study selected (Storey's, with one added)."""
    return (1 + float((p > alpha).sum())) / (len(p) * (1 - alpha)) if len(p) else 1.0


def _step_up(worst: Scores) -> Scores:
    """Benjamini and Hochberg's step-up adjustment of what is already multiplied by the number of tests."""
    if not len(worst):
        return worst
    order = np.argsort(-worst, kind="stable")
    adjusted = np.empty_like(worst)
    adjusted[order] = np.minimum.accumulate((worst / rankdata(worst, method="max"))[order])
    return np.minimum(adjusted, 1)
