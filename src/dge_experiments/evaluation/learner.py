"""A model that learns from pairs of studies; a search, where the settings have one, tunes it on unseen studies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from dge_experiments.errors import BadInput
from dge_experiments.evaluation import metrics
from dge_experiments.problem.dealing import Fold
from dge_experiments.search.fold import configured
from dge_experiments.search.strategies import Strategy
from dge_experiments.search.study import Options, search
from dge_experiments.search.task import Task
from dge_experiments.studies.examples import Example

SCORING = "roc_auc"
FEWEST = 3


@dataclass(frozen=True)
class Learner:
    """Attributes
    ----------
    pipeline : unfitted classifier with probabilities
    strategy : makes a new strategy for each search; None: the pipeline is fitted as it is
    options : how a search is run
    """

    pipeline: Pipeline
    strategy: Callable[[], Strategy] | None = None
    options: Options = field(default_factory=lambda: Options(SCORING))

    def fit(self, pairs: Sequence[Example], columns: Sequence[str]) -> Pipeline:
        """Fit on all genes of the pairs, with these columns of their features.

        A search leaves out one study after the other: a candidate is fitted on the pairs without it and scored, by
        ROC AUC over all genes, on the pairs with it. In the pairs fitted on, features from the other studies may read
        the study left out. This affects the choice between candidates only; the search's score is not reported.

        Raises
        ------
        BadInput
            a search on fewer than three studies
        """
        X = np.concatenate([example.X[list(columns)].to_numpy() for example in pairs])
        y = np.concatenate([example.y for example in pairs]).astype(np.int64)
        pipeline = self.pipeline
        if self.strategy is not None:
            task = Task(pipeline, X, y, by_study(pairs), metrics.scorer(SCORING))
            pipeline = configured(pipeline, search(self.strategy(), task, self.options).best.candidate)
        return clone(pipeline).fit(X, y)


def by_study(pairs: Sequence[Example]) -> list[Fold]:
    """One fold for each study: fitted on the genes of the pairs without it, scored on those of its pairs.

    Raises
    ------
    BadInput
        fewer than three studies: nothing would be left to fit on
    """
    names = dict.fromkeys(name for example in pairs for name in (example.first, example.second))
    if len(names) < FEWEST:
        raise BadInput(
            f"search: {len(names)} studies remain where one is left out; to tune on studies not seen takes "
            f"{FEWEST + 1} or more in all, or search=none"
        )
    pair = np.repeat(np.arange(len(pairs)), [len(example.y) for example in pairs])
    return [_fold(pair, [name in (example.first, example.second) for example in pairs]) for name in names]


def _fold(pair: npt.NDArray[np.intp], belongs: Sequence[bool]) -> Fold:
    held_out = np.asarray(belongs)[pair]
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
