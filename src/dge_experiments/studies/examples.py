"""Every ordered pair of studies as examples: a gene's features from one study, and whether it replicates in another."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from dge_experiments.errors import BadInput
from dge_experiments.studies.answers import answers, replicated
from dge_experiments.studies.shrinkage import SMALLEST_P
from dge_experiments.studies.standing import STANDINGS, standings
from dge_experiments.tables import Table

ALONE = STANDINGS
OTHERS = ("others_z", "others_effect")


@dataclass(frozen=True)
class Example:
    """The genes that two studies share: features from the first, labels from the second.

    Attributes
    ----------
    first, second : names of the studies
    X : shape (genes, features), index the genes. From the first study, its ``standing.standings``. From the other
        studies, towards the first one's sign: `others_z`, Stouffer's sum, and `others_effect`, the mean logFC in units
        of each table's standard deviation; both 0 where none has the gene.
    y : shape (genes,), whether the gene has the same sign and P.Value < alpha in the second study
    hit : shape (genes,), whether P.Value < alpha in the first study
    """

    first: str
    second: str
    X: pd.DataFrame
    y: npt.NDArray[np.bool_]
    hit: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Study:
    """A study's answers, index the genes: `logFC`, `P.Value`, `z` (signed), `scaled` logFC; and its standings."""

    frame: pd.DataFrame
    standing: pd.DataFrame


def study(table: Table, alpha: float = 0.05) -> Study:
    """The table as ``Example`` reads it; one row answers for a gene.

    Raises
    ------
    BadInput
        the table has no logFC or no P.Value
    """
    genes = answers(table)
    effect, p = genes["logFC"], genes["P.Value"].clip(SMALLEST_P, 1)
    z = np.sign(effect) * norm.isf(p / 2)
    frame = pd.DataFrame({"logFC": effect, "P.Value": p, "z": z, "scaled": effect / (effect.std() or 1.0)})
    return Study(frame, standings(genes, alpha))


def examples(
    studies: Mapping[str, Study], *, alpha: float = 0.05, unseen: Collection[str] = ()
) -> Iterator[Example]:
    """Every ordered pair of studies; those in ``unseen`` are in no pair and in no feature."""
    names = [name for name in studies if name not in unseen]
    for first in names:
        for second in names:
            if first != second:
                others = [name for name in names if name not in (first, second)]
                yield example(studies, first, second, others, alpha)


def example(
    studies: Mapping[str, Study], first: str, second: str, others: Collection[str], alpha: float = 0.05
) -> Example:
    """The genes of one pair, with features from the ``others``.

    Raises
    ------
    BadInput
        the two studies share no gene
    """
    first_study, second_study = studies[first], studies[second]
    shared = first_study.frame.index.intersection(second_study.frame.index, sort=False)
    if not len(shared):
        raise BadInput(f"studies: {first} and {second} share no gene id; bridge them with data.ids")
    first_genes, second_genes = first_study.frame.loc[shared], second_study.frame.loc[shared]
    sign = np.sign(first_genes["logFC"].to_numpy())
    other_frames = {name: studies[name].frame.reindex(shared) for name in others}
    z = pd.DataFrame({name: frame["z"] for name, frame in other_frames.items()}, index=shared)
    scaled = pd.DataFrame({name: frame["scaled"] for name, frame in other_frames.items()}, index=shared)
    count = np.sqrt(z.notna().sum(axis=1).clip(lower=1))
    X = first_study.standing.loc[shared].assign(
        others_z=sign * (z.sum(axis=1) / count).to_numpy(),
        others_effect=sign * scaled.mean(axis=1).fillna(0).to_numpy(dtype=np.float64),
    )
    holds = replicated(first_genes["logFC"], second_genes["logFC"], second_genes["P.Value"] < alpha)
    return Example(first, second, X, holds, (first_genes["P.Value"] < alpha).to_numpy())
