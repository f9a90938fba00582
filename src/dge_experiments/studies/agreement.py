"""How far studies agree: pair by pair, by rank of P, each with all the others; and who agrees too well, or not."""

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
    each : one row per study: `study`, `agreement`, Spearman's correlation of its z values with the Stouffer sum of
        all other studies, and `outlier`, whether that is below half of the median of the studies
    """

    pairs: pd.DataFrame
    each: pd.DataFrame

    @property
    def sentences(self) -> list[str]:
        """What stands out, in plain words; the study that agrees least is always named."""
        said = [
            f"{row.first} and {row.second} may share samples: genes that neither moves correlate by {row.unmoved:.2f}."
            for row in self.pairs[self.pairs["shared"]].itertuples()
        ]
        if len(self.each) < 3:
            return said
        least = self.each.sort_values("agreement").iloc[0]
        others = self.each.loc[self.each["study"] != least["study"], "agreement"].median()
        said.append(
            f"{least['study']} agrees least with the other studies (correlation {least['agreement']:.2f}, the others "
            f"{others:.2f} in the median){': an outlier' if least['outlier'] else ''}."
        )
        return said


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
    rows = [_pair(z, one, two) for i, one in enumerate(names) for two in names[i + 1 :]]
    pairs = pd.DataFrame(rows, columns=["first", "second", "genes", "correlation", "same_sign", "unmoved"])
    each = pd.DataFrame({"study": names, "agreement": [_with_others(z, name) for name in names]})
    outlier = each["agreement"] < OUTLIER * each["agreement"].median()
    return Agreement(
        pairs.assign(shared=pairs["unmoved"] > SHARED), each.assign(outlier=outlier & (len(names) > 2))
    )


def by_rank(p: npt.ArrayLike, effect: npt.ArrayLike, second_effect: npt.ArrayLike) -> pd.DataFrame:
    """How far a second study agrees with the first one's genes of the smallest P values.

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


def _pair(z: pd.DataFrame, one: str, two: str) -> tuple[str, str, int, float, float, float]:
    both = z[[one, two]].dropna().to_numpy()
    if len(both) < 2:
        return one, two, len(both), np.nan, np.nan, np.nan
    same = np.sign(both[:, 0]) == np.sign(both[:, 1])
    unmoved = (np.abs(both) < SMALL).all(axis=1)
    overlap = _of_signs(float(same[unmoved].mean())) if unmoved.sum() >= FEWEST else np.nan
    return one, two, len(both), float(spearmanr(both).statistic), float(same.mean()), overlap


def _with_others(z: pd.DataFrame, name: str) -> float:
    others = z.drop(columns=name)
    total = others.sum(axis=1) / np.sqrt(others.notna().sum(axis=1).clip(lower=1))
    known = z[name].notna() & others.notna().any(axis=1)
    return float(spearmanr(z.loc[known, name], total[known]).statistic) if known.sum() > 1 else float("nan")


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
