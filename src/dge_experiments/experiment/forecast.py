"""What a run would do and how long its search would take, from a few fits that are timed."""

from dataclasses import dataclass
from itertools import islice

import joblib

from dge_experiments.evaluation import metrics
from dge_experiments.experiment.plan import Plan, strategy
from dge_experiments.problem.problem import HONEST
from dge_experiments.search.engine import evaluate
from dge_experiments.search.task import Task
from dge_experiments.settings import Settings
from dge_experiments.settings.choices import LeakSearch

TIMED = 3  # candidates, on one fold


@dataclass(frozen=True)
class Forecast:
    """Attributes
    ----------
    trials, folds : of a search
    searches : 2 where the honest score has one of its own
    known : trials as given that a resumed run has already
    seconds_per_fit : mean of the fits that were timed
    workers : processes that fit at the same time
    """

    trials: int
    folds: int
    searches: int
    known: int
    seconds_per_fit: float
    workers: int

    @property
    def fits(self) -> int:
        """Fits of the searches: each trial that is not there on each fold."""
        return (self.searches * self.trials - min(self.known, self.trials)) * self.folds

    @property
    def minutes(self) -> float:
        """Expected time of the searches; scores, explanations and report come on top."""
        return self.fits * self.seconds_per_fit / self.workers / 60


def forecast(settings: Settings, plan: Plan, known: int = 0) -> Forecast:
    """Time the first candidates of the search on the first fold, in this process; ``known`` trials are there."""
    problem = plan.problem
    first = islice((candidate for batch in strategy(settings).batches() for candidate in batch), TIMED)
    task = Task(
        plan.pipeline,
        problem.X.to_numpy(),
        problem.labels.y,
        problem.split.folds[:1],
        metrics.scorer(settings.search.scoring),
        settings.model.path,
    )
    with joblib.parallel_config("sequential"):
        made = list(evaluate(task, dict(enumerate(first))))
    seconds = sum(trial.fit_seconds for trial in made) / len(made)
    workers = settings.compute.workers or joblib.cpu_count()
    own = settings.leak.search == LeakSearch.own and HONEST in problem.readings
    return Forecast(plan.strategy.total, len(problem.split.folds), 1 + own, known, seconds, workers)
