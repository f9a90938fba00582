"""The combined result of several studies of the same genes, by meta-analysis."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2, norm

from dge_experiments.studies.answers import answers
from dge_experiments.studies.shrinkage import SMALLEST_P, standard_errors
from dge_experiments.tables import Table

Scores = npt.NDArray[np.float64]


def consensus(tables: Mapping[str, Table]) -> pd.DataFrame:
    """One row per gene of at least one table, sorted by the P value of the combined effect.

    Parameters
    ----------
    tables : name of a study -> its table

    Returns
    -------
    The columns of ``random_effects`` and ``stouffer``, and `agreeing`, the studies whose logFC has the combined
    effect's sign; the index is the gene.

    Raises
    ------
    BadInput
        a table has no logFC or no P.Value
    """
    frames = {name: answers(table) for name, table in tables.items()}
    effect = pd.DataFrame({name: frame["logFC"] for name, frame in frames.items()})
    p = pd.DataFrame({name: frame["P.Value"] for name, frame in frames.items()}).reindex(effect.index)
    se = pd.DataFrame(
        {name: pd.Series(standard_errors(frame), frame.index) for name, frame in frames.items()}
    ).reindex(effect.index)
    combined = random_effects(effect.to_numpy(), se.to_numpy())
    z, stouffer_p = stouffer(p.to_numpy(), np.sign(effect.to_numpy()))
    sign = np.sign(combined["logFC"].to_numpy())[:, None]
    combined["stouffer_z"], combined["stouffer_P.Value"] = z, stouffer_p
    combined["agreeing"] = (np.sign(effect.to_numpy()) == sign).sum(axis=1)
    combined.index = pd.Index(effect.index, name="gene")
    return combined.sort_values("P.Value", kind="stable")


def random_effects(effect: Scores, se: Scores) -> pd.DataFrame:
    """Inverse-variance random-effects meta-analysis of each gene, by DerSimonian and Laird's estimate.

    Parameters
    ----------
    effect, se : shape (genes, studies), log fold changes and their standard errors; nan where a study has no
        such gene. Every gene has one study at least.

    Returns
    -------
    One row per gene: `logFC`, `SE`, `P.Value` (normal, two-sided), `tau2` (variance of the effect between
    studies), `I2` (share of the variation that is between studies, from 0 to 1), `Q` and `Q_P.Value` (test
    of equal effects; nan for one study), `studies`. As ``metafor::rma(method = "DL")`` in R, whose I2 is in
    percent.

    References
    ----------
    DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2; Higgins and Thompson 2002,
    doi:10.1002/sim.1186
    """
    present = np.isfinite(effect) & np.isfinite(se)
    b, weight = np.where(present, effect, 0.0), np.zeros_like(se)
    weight[present] = se[present] ** -2
    studies, total = present.sum(axis=1), weight.sum(axis=1)
    fixed = (weight * b).sum(axis=1) / total
    q = (weight * (b - fixed[:, None]) ** 2 * present).sum(axis=1)
    free = studies - 1
    scale = total - (weight**2).sum(axis=1) / total
    tau2 = np.divide(q - free, scale, out=np.zeros_like(q), where=free > 0).clip(min=0)
    adjusted = np.zeros_like(weight)
    adjusted[present] = 1 / (se**2 + tau2[:, None])[present]
    combined = (adjusted * b).sum(axis=1) / adjusted.sum(axis=1)
    error = adjusted.sum(axis=1) ** -0.5
    # metafor's I2: tau2 over itself and the typical variance within a study, here free / scale
    typical = np.divide(free, scale, out=np.ones_like(q), where=free > 0)
    return pd.DataFrame(
        {
            "logFC": combined,
            "SE": error,
            "P.Value": 2 * norm.sf(np.abs(combined / error)),
            "tau2": tau2,
            "I2": tau2 / (tau2 + typical),
            "Q": np.where(free > 0, q, np.nan),
            "Q_P.Value": np.where(free > 0, chi2.sf(q, np.maximum(free, 1)), np.nan),
            "studies": studies,
        }
    )


def stouffer(p: Scores, sign: Scores) -> tuple[Scores, Scores]:
    """Stouffer's sum of normal quantiles: z, shape (genes,), positive for up, and its two-sided P value.

    Parameters
    ----------
    p, sign : shape (genes, studies), two-sided P values and the signs of logFC; nan where a study has no such
        gene

    References
    ----------
    Stouffer et al. 1949, The American Soldier, volume 1, Princeton University Press
    """
    z = sign * norm.isf(np.clip(p, SMALLEST_P, 1) / 2)
    studies = np.isfinite(z).sum(axis=1)
    combined = np.nansum(z, axis=1) / np.sqrt(np.maximum(studies, 1))
    return combined, 2 * norm.sf(np.abs(combined))
