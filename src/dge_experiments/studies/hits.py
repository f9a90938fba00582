"""Hits over studies: which studies share them, and their effects in two studies."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from dge_experiments.studies.answers import replicated
from dge_experiments.studies.examples import Study

MOST = 15


def overlaps(studies: Mapping[str, Study], alpha: float = 0.05) -> pd.DataFrame:
    """In which studies a gene is a hit (P.Value < alpha), with one sign: the 15 most frequent combinations.

    A gene that is up in some studies and down in others counts once for each sign.

    Returns
    -------
    One row per combination, most `genes` first; a column per study says whether it is in.
    """
    signs = pd.DataFrame(
        {
            name: np.sign(study.frame["logFC"]) * (study.frame["P.Value"] < alpha)
            for name, study in studies.items()
        }
    )
    sides = pd.concat([signs == 1, signs == -1])
    combinations = sides[sides.any(axis=1)].value_counts().rename("genes").reset_index()
    return combinations.head(MOST)


def effects(studies: Mapping[str, Study], first: str, second: str, alpha: float = 0.05) -> pd.DataFrame:
    """The genes that two studies share, as ``judged`` shows them, with the first one's P value, `p`."""
    first_genes, second_genes = studies[first].frame, studies[second].frame
    shared = first_genes.index.intersection(second_genes.index, sort=False)
    first_genes, second_genes = first_genes.loc[shared], second_genes.loc[shared]
    holds = replicated(first_genes["logFC"], second_genes["logFC"], second_genes["P.Value"] < alpha)
    genes = pd.DataFrame(
        {"gene": shared, "first": first_genes["logFC"].to_numpy(), "second": second_genes["logFC"].to_numpy()}
    )
    return judged(
        genes.assign(p=first_genes["P.Value"].to_numpy()), (first_genes["P.Value"] < alpha).to_numpy(), holds
    )


def judged(genes: pd.DataFrame, hit: npt.NDArray[np.bool_], holds: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """The genes with a `verdict`: ``replicates`` (a hit of the first study that holds up), ``hit, does not replicate``
    or ``other``."""
    return genes.assign(
        verdict=np.select([hit & holds, hit], ["replicates", "hit, does not replicate"], "other")
    )
