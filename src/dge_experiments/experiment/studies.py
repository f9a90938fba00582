"""Several studies of one question: what replicates beyond luck, and what predicts it in a study never seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dge_experiments.evaluation.unseen import Unseen, unseen
from dge_experiments.studies.agreement import Agreement, agreement
from dge_experiments.studies.consensus import consensus
from dge_experiments.studies.examples import Study, study
from dge_experiments.studies.replication import replicate
from dge_experiments.tables import Table


@dataclass(frozen=True)
class Studies:
    """Attributes
    ----------
    tables, studies : name of a study -> its table, and its answers one by gene
    replication : rows are ordered pairs: `first`, `second`, and for all genes and the first's hits (`hits_...`) the
        share that replicates, the share by luck and its 95 % range, and the chance of as many (`p`); `beyond` luck
    unseen : models and rankings on studies left out one by one
    agreement : how far the studies agree
    consensus : all studies together, one row per gene
    """

    tables: Mapping[str, Table]
    studies: Mapping[str, Study]
    replication: pd.DataFrame
    unseen: Unseen
    agreement: Agreement
    consensus: pd.DataFrame

    @property
    def sentences(self) -> list[str]:
        """The findings in plain words: luck first."""
        pairs = self.replication
        beyond = (
            f"In {int(pairs['beyond'].sum())} of {len(pairs)} ordered pairs of studies more of the first one's hits "
            f"replicate than luck explains; on average {pairs['hits_seen'].mean():.1%}, "
            f"{pairs['hits_expected'].mean():.1%} would by luck."
        )
        return [beyond, *self.unseen.sentences, *self.agreement.sentences]


def run(tables: Mapping[str, Table], model: str, estimator: BaseEstimator, alpha: float = 0.05) -> Studies:
    """Compare the studies, and leave them out one by one for the estimator and a logistic regression.

    Raises
    ------
    BadInput
        fewer than three studies, a table without logFC or P.Value, two that share no gene
    """
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    models = {"logistic_regression": plain, model: make_pipeline(StandardScaler(), estimator)}
    with threadpool_limits(1):
        left_out = unseen(tables, models, alpha=alpha)
        studies = {name: study(table, alpha) for name, table in tables.items()}
        return Studies(
            tables, studies, _replication(tables, alpha), left_out, agreement(studies), consensus(tables)
        )


def _replication(tables: Mapping[str, Table], alpha: float) -> pd.DataFrame:
    rows = []
    for first, second in permutations(tables, 2):
        found = replicate(tables[first], [tables[second]], alpha=alpha)
        row: dict[str, object] = {"first": first, "second": second}
        for prefix, of in (("", found.luck), ("hits_", found.hits)):
            if of is not None:
                names = ("genes", "seen", "expected", "low", "high")
                row |= {f"{prefix}{name}": getattr(of, name) for name in names}
                row[f"{prefix}p"] = of.p_correlated
        rows.append(row | {"beyond": found.beyond_luck})
    return pd.DataFrame(rows)
