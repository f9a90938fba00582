"""Several studies of one question: what replicates beyond luck, and what predicts replication in an unseen study."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.general import General, general
from dge_experiments.evaluation.learner import SCORING, Learner
from dge_experiments.evaluation.unseen import ONE, Unseen, unseen
from dge_experiments.experiment.plan import strategy
from dge_experiments.prediction.across import TOP, Across, across
from dge_experiments.problem.targets.replication import ALPHA
from dge_experiments.search import compute
from dge_experiments.search.study import Options
from dge_experiments.settings import Settings
from dge_experiments.settings.estimator import estimator
from dge_experiments.studies.agreement import Agreement, agreement
from dge_experiments.studies.consensus import consensus
from dge_experiments.studies.examples import ALONE, Study, examples, study
from dge_experiments.studies.replication import replicate
from dge_experiments.studies.standing import Standings
from dge_experiments.tables import Table

PLAIN = "logistic_regression"


@dataclass(frozen=True)
class Studies:
    """Attributes
    ----------
    alpha : P below this is called significant
    tables, studies : name of a study -> its table, and its answers, one per gene
    replication : rows are ordered pairs: `first`, `second`, and for all genes and the first's hits (`hits_...`) the
        share that replicates, the share by luck and its 95 % range, and the chance of as many (`p`); `beyond` luck
    unseen : models and rankings on studies left out one by one
    agreement : how far the studies agree
    consensus : all studies together, one row per gene
    general : the best of the models that read one table, and whether it may be called general
    model : that model, fitted on every ordered pair of studies; it reads logFC and P.Value of a whole table
    across : what to expect of its answers for an unseen study
    """

    alpha: float
    tables: Mapping[str, Table]
    studies: Mapping[str, Study]
    replication: pd.DataFrame
    unseen: Unseen
    agreement: Agreement
    consensus: pd.DataFrame
    general: General
    model: Pipeline
    across: Across

    @property
    def sentences(self) -> list[str]:
        """The findings in plain words: luck first."""
        pairs = self.replication
        beyond = (
            f"In {int(pairs['beyond'].sum())} of {len(pairs)} ordered pairs of studies more of the first one's hits "
            f"replicate than luck explains; on average {pairs['hits_seen'].mean():.1%}, "
            f"{pairs['hits_expected'].mean():.1%} would by luck."
        )
        return [beyond, *self.unseen.sentences, self.across.sentence, *self.agreement.sentences]


def run(settings: Settings, tables: Mapping[str, Table]) -> Studies:
    """Compare the studies, and leave them out one by one for the settings' model and a logistic regression.

    Raises
    ------
    BadInput
        fewer than three studies (four where the model is tuned), a table without logFC or P.Value, two that share no
        gene
    """
    where, alpha = settings.compute, ALPHA if settings.target.alpha is None else settings.target.alpha
    with threadpool_limits(1), compute.opened(where.name, where.workers, where.scheduler) as workers:
        models = _learners(settings, workers)
        left_out = unseen(tables, models, alpha=alpha)
        studies = {name: study(table, alpha) for name, table in tables.items()}
        chosen = general(left_out.board)
        fitted = models[chosen.method].fit(list(examples(studies, alpha=alpha)), ALONE)
        predictions = left_out.predictions
        return Studies(
            alpha,
            tables,
            studies,
            _replication(tables, alpha),
            left_out,
            agreement(studies),
            consensus(tables),
            chosen,
            Pipeline([("standings", Standings(alpha)), *fitted.steps]),
            across(
                predictions[predictions["method"] == f"{chosen.method}, {ONE}"], settings.decision.top or TOP
            ),
        )


def _learners(settings: Settings, workers: compute.Workers) -> dict[str, Learner]:
    """A logistic regression as it is, and the settings' model, tuned where they say so."""
    chosen = settings.search
    model = make_pipeline(StandardScaler(), estimator(settings.model))
    tuned = strategy(settings).total > 1
    limits = metrics.REGISTRY[SCORING].bounds
    return {
        PLAIN: Learner(make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))),
        settings.model.name: Learner(
            model,
            (lambda: strategy(settings)) if tuned else None,
            Options(SCORING, chosen.racing, chosen.timeout, workers, limits),
        ),
    }


def _replication(tables: Mapping[str, Table], alpha: float) -> pd.DataFrame:
    rows = []
    for first, second in permutations(tables, 2):
        replication = replicate(tables[first], [tables[second]], alpha=alpha)
        row: dict[str, object] = {"first": first, "second": second}
        for prefix, luck in (("", replication.luck), ("hits_", replication.hits)):
            if luck is not None:
                names = ("genes", "seen", "expected", "low", "high")
                row |= {f"{prefix}{name}": getattr(luck, name) for name in names}
                row[f"{prefix}p"] = luck.p_correlated
        rows.append(row | {"beyond": replication.beyond_luck})
    return pd.DataFrame(rows)
