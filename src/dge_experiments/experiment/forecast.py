"""What a run would do, and how long its search would take, estimated from a few timed fits."""

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
    searches : 2 where the honest score has its own search
    known : trials as given that a resumed run already has
    seconds_per_fit : mean of the timed fits
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
        """Fits of the searches: every missing trial on every fold."""
        return (self.searches * self.trials - min(self.known, self.trials)) * self.folds

    @property
    def minutes(self) -> float:
        """Expected time of the searches; scores, explanations and report come on top."""
        return self.fits * self.seconds_per_fit / self.workers / 60


def forecast(settings: Settings, plan: Plan, known: int = 0) -> Forecast:
    """Time the first candidates of the search on the first fold, in this process; ``known`` trials already exist."""
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
        trials = list(evaluate(task, dict(enumerate(first))))
    seconds = sum(trial.fit_seconds for trial in trials) / len(trials)
    workers = settings.compute.workers or joblib.cpu_count()
    honest_search = settings.leak.search == LeakSearch.own and HONEST in problem.readings
    return Forecast(plan.strategy.total, len(problem.split.folds), 1 + honest_search, known, seconds, workers)
