"""A simulated table of any size, from limma's hierarchical model."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from dge_experiments.errors import BadInput
from dge_experiments.tables.table import Finding, Table


def simulate(
    genes: int,
    *,
    samples: int,
    changed: float,
    prior_df: float,
    prior_variance: float,
    effect_variance: float,
    seed: int,
    name: str = "simulated",
) -> Table:
    """Draw a ``topTable`` of two groups from the model that limma fits (Smyth 2004, doi:10.2202/1544-6115.1027).

    A gene's variance is ``prior_df * prior_variance / chi2(prior_df)``; its true log fold change is 0, or with
    probability ``changed`` normal with ``effect_variance`` times that variance. logFC and the residual variance are
    drawn around them; t, P.Value, adj.P.Val and B follow from the two as in limma's ``eBayes``, with the model's own
    parameters in place of estimated ones. AveExpr is independent: normal, mean 7, standard deviation 2.

    Parameters
    ----------
    genes : rows of the table
    samples : arrays in each of the two groups
    changed : share of genes with a true difference
    prior_df : degrees of freedom of the variances' prior; prior_variance : its scale, in log2 units squared
    effect_variance : of a true log fold change, in units of the gene's variance

    Raises
    ------
    BadInput
        a size below 1, fewer than 2 samples, a share outside (0, 1), a prior that is not above 0
    """
    _check(
        genes=(genes, genes >= 1, "1 or more"),
        samples=(samples, samples >= 2, "2 or more"),
        changed=(changed, 0 < changed < 1, "between 0 and 1"),
        prior_df=(prior_df, prior_df > 0, "above 0"),
        prior_variance=(prior_variance, prior_variance > 0, "above 0"),
        effect_variance=(effect_variance, effect_variance > 0, "above 0"),
    )
    rng = np.random.default_rng(seed)
    df, unscaled = 2 * samples - 2, 2 / samples
    variance = prior_df * prior_variance / rng.chisquare(prior_df, genes)
    truth = np.where(
        rng.random(genes) < changed, rng.normal(size=genes) * np.sqrt(effect_variance * variance), 0.0
    )
    logfc = truth + rng.normal(size=genes) * np.sqrt(unscaled * variance)
    residual = variance * rng.chisquare(df, genes) / df
    total = df + prior_df
    moderated = (prior_df * prior_variance + df * residual) / total
    t = logfc / np.sqrt(moderated * unscaled)
    p = 2 * stats.t.sf(np.abs(t), total)
    ratio = (unscaled + effect_variance) / unscaled
    evidence = (1 + total) / 2 * np.log((t**2 + total) / (t**2 / ratio + total))
    columns = {
        "logFC": logfc,
        "AveExpr": rng.normal(7, 2, genes),
        "t": t,
        "P.Value": p,
        "adj.P.Val": stats.false_discovery_control(p),
        "B": np.log(changed / (1 - changed)) - np.log(ratio) / 2 + evidence,
    }
    names = pa.array(np.arange(1, genes + 1)).cast(pa.string()).to_pandas()
    pa.default_memory_pool().release_unused()
    digest = hashlib.sha256()
    for values in columns.values():
        digest.update(values.tobytes())
    message = f"simulated: limma's hierarchical model, {changed:.1%} of the genes truly changed, seed {seed}"
    return Table(
        frame=pd.DataFrame({"gene": names, **columns}),
        name=name,
        path=name,
        digest=digest.hexdigest()[:16],
        dialect="limma",
        columns={"gene": "gene", **{column: column for column in columns}},
        findings=(Finding("simulated", "info", message, genes),),
        rows=genes,
    )


def _check(**rules: tuple[float, bool, str]) -> None:
    """Raise BadInput for the first key, of (value, whether its rule holds, the rule), whose rule does not hold."""
    for key, (value, holds, rule) in rules.items():
        if not holds:
            raise BadInput(f"data.simulated.{key}={value}: must be {rule}")
