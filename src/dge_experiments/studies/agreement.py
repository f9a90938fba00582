"""How far studies agree: in pairs, by rank of P, and each with all others; which share samples, which are outliers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import spearmanr

from dge_experiments.studies.examples import Study

SMALL = 1.0
FEWEST = 100
SHARED = 0.7
OUTLIER = 0.5
LENGTHS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Attributes
    ----------
    pairs : one row per pair of studies: `first`, `second`, `genes` they share, `correlation` (Spearman's) of their
        signed z values, `same_sign`, the share of genes, `unmoved`, the correlation of z among genes that neither
        study moves, and `shared`, whether that is above 0.7, which the studies' P values do not allow for
        independent samples
    per_study : one row per study: `study`, `agreement`, Spearman's correlation of its z values with the Stouffer sum of
        all other studies, and `outlier`, whether that is below half of the median of the studies
    """

    pairs: pd.DataFrame
    per_study: pd.DataFrame

    @property
    def sentences(self) -> list[str]:
        """What stands out, in plain words; the study that agrees least is always named."""
        sentences = [
            f"{row.first} and {row.second} may share samples: genes that neither moves correlate by {row.unmoved:.2f}."
            for row in self.pairs[self.pairs["shared"]].itertuples()
        ]
        if len(self.per_study) < 3:
            return sentences
        least = self.per_study.sort_values("agreement").iloc[0]
        median = self.per_study.loc[self.per_study["study"] != least["study"], "agreement"].median()
        sentences.append(
            f"{least['study']} agrees least with the other studies (correlation {least['agreement']:.2f}, the others "
            f"{median:.2f} in the median){': an outlier' if least['outlier'] else ''}."
        )
        return sentences


def agreement(studies: Mapping[str, Study]) -> Agreement:
    """Compare every pair of studies, and each with the others together.

    Two studies of the same samples agree also where nothing moves: among genes with a ``|z|`` below 1 in both, z
    values of independent samples hardly correlate, whatever the true effects. The correlation there is estimated from
    the share of equal signs (after Lin & Sullivan 2009, who take it as the overlap of two studies).

    References
    ----------
    Lin & Sullivan 2009, doi:10.1016/j.ajhg.2009.11.001
    """
    z = pd.DataFrame({name: study.frame["z"] for name, study in studies.items()})
    names = list(studies)
    rows = [_pair(z, first, second) for i, first in enumerate(names) for second in names[i + 1 :]]
    pairs = pd.DataFrame(rows, columns=["first", "second", "genes", "correlation", "same_sign", "unmoved"])
    per_study = pd.DataFrame({"study": names, "agreement": [_with_others(z, name) for name in names]})
    outlier = per_study["agreement"] < OUTLIER * per_study["agreement"].median()
    return Agreement(
        pairs.assign(shared=pairs["unmoved"] > SHARED), per_study.assign(outlier=outlier & (len(names) > 2))
    )


def by_rank(p: npt.ArrayLike, effect: npt.ArrayLike, second_effect: npt.ArrayLike) -> pd.DataFrame:
    """How far a second study agrees on the genes with the smallest P values in the first.

    Parameters
    ----------
    p, effect, second_effect : shape (genes,), P value and logFC in the first study, logFC of the same genes in the
        second

    Returns
    -------
    One row per length of the list: `top`, `same_sign` (share), `correlation` (Pearson's, of logFC).
    """
    order = np.argsort(np.asarray(p), kind="stable")
    a, b = np.asarray(effect, np.float64)[order], np.asarray(second_effect, np.float64)[order]
    same = np.cumsum(np.sign(a) == np.sign(b))
    lengths = [k for k in LENGTHS if k < len(a)] + [len(a)]
    rows = [(k, same[k - 1] / k, _correlation(a[:k], b[:k])) for k in lengths]
    return pd.DataFrame(rows, columns=["top", "same_sign", "correlation"])


def _pair(z: pd.DataFrame, first: str, second: str) -> tuple[str, str, int, float, float, float]:
    shared = z[[first, second]].dropna().to_numpy()
    if len(shared) < 2:
        return first, second, len(shared), np.nan, np.nan, np.nan
    same = np.sign(shared[:, 0]) == np.sign(shared[:, 1])
    unmoved = (np.abs(shared) < SMALL).all(axis=1)
    overlap = _of_signs(float(same[unmoved].mean())) if unmoved.sum() >= FEWEST else np.nan
    return first, second, len(shared), float(spearmanr(shared).statistic), float(same.mean()), overlap


def _with_others(z: pd.DataFrame, name: str) -> float:
    others = z.drop(columns=name)
    total = others.sum(axis=1) / np.sqrt(others.notna().sum(axis=1).clip(lower=1))
    comparable = z[name].notna() & others.notna().any(axis=1)
    return (
        float(spearmanr(z.loc[comparable, name], total[comparable]).statistic)
        if comparable.sum() > 1
        else float("nan")
    )


def _of_signs(share: float) -> float:
    """The correlation of two normal variables whose signs agree to this share where both are below 1 in size."""
    middle = (np.arange(100) + 0.5) / 50 - 1
    x, y = np.meshgrid(middle, middle)
    correlations = np.linspace(-0.98, 0.98, 99)
    shares = []
    for r in correlations:
        density = np.exp(-(x**2 - 2 * r * x * y + y**2) / (2 * (1 - r**2)))
        shares.append(density[x * y > 0].sum() / density.sum())
    return float(np.interp(share, shares, correlations))


def _correlation(a: Scores, b: Scores) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if len(a) > 1 and a.std() and b.std() else float("nan")
