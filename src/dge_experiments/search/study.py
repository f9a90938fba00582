"""A study: every trial of one search, and the best of them."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.search.compute import Workers, parallel
from dge_experiments.search.engine import Trial, best, evaluate
from dge_experiments.search.racing import Race
from dge_experiments.search.recall import Recorded, recall
from dge_experiments.search.space import Space
from dge_experiments.search.strategies import Strategy
from dge_experiments.search.task import Task

OnTrial = Callable[[Trial], None]


@dataclass(frozen=True)
class Study:
    """Attributes
    ----------
    trials : in order of their numbers; fewer than planned where ``timeout`` ended the search
    scoring : the metric that was maximised, averaged over the folds
    space : what the candidates were taken from; empty where the estimator ran at its defaults
    planned : trials that were to be made
    seconds : wall time
    """

    trials: tuple[Trial, ...]
    scoring: str
    space: Space
    planned: int
    seconds: float

    @property
    def finished(self) -> list[Trial]:
        """Trials that have a score on every fold."""
        return [trial for trial in self.trials if trial.finished]

    @property
    def best(self) -> Trial:
        """The finished trial with the highest mean score; of equal ones the first.

        Raises
        ------
        ValueError
            no trial has finished
        """
        winner = best(self.trials, self.scoring)
        if winner is None:
            raise ValueError(f"none of {len(self.trials)} trials has a score on every fold")
        return winner

    @property
    def frame(self) -> pd.DataFrame:
        """Rows are trials: number, params.<name>, mean and std of the scoring, each fold's score, fit seconds."""
        return pd.DataFrame([self._row(trial) for trial in self.trials])

    def _row(self, trial: Trial) -> dict[str, object]:
        parameters = {f"params.{name}": value for name, value in trial.candidate.items()}
        if trial.error:
            return {"number": trial.number, **parameters, "error": trial.reason}
        folds = {f"fold{k}/{self.scoring}": fold[self.scoring] for k, fold in enumerate(trial.folds)}
        return {
            "number": trial.number,
            **parameters,
            f"cv/{self.scoring}": trial.mean(self.scoring),
            f"cv/{self.scoring}_std": trial.std(self.scoring),
            **folds,
            "raced_out": trial.raced_out,
            "fit_seconds": trial.fit_seconds,
            "warnings": "; ".join(trial.warnings),
        }


@dataclass(frozen=True)
class Options:
    """How a search is run.

    Attributes
    ----------
    scoring : the metric to maximise, averaged over the folds
    racing : let losers leave before the last fold (see ``racing``)
    timeout : seconds after which the search ends, once a trial has finished
    workers : where the fits run (see ``compute.opened``)
    bounds : the lowest and the highest value the metric can have
    """

    scoring: str
    racing: bool = False
    timeout: float | None = None
    workers: Workers = None
    bounds: tuple[float, float] = (-1.0, 1.0)


@dataclass(frozen=True)
class Session:
    """What links a search to its caller.

    Attributes
    ----------
    known : trials of an earlier process by number, which are not run again
    stop : called after each batch (after each trial in a search of one batch); True ends the search
    on_trial : called with each new trial as it finishes
    """

    known: Mapping[int, Recorded] = field(default_factory=dict)
    stop: Callable[[], bool] = lambda: False
    on_trial: OnTrial = lambda trial: None


class Stopped(KeyboardInterrupt):
    """A search that was asked to stop; ``study`` holds the trials until then."""

    def __init__(self, study: Study) -> None:
        super().__init__()
        self.study = study


def search(strategy: Strategy, task: Task, options: Options, session: Session | None = None) -> Study:
    """Try what ``strategy`` asks for and keep every trial.

    Raises
    ------
    BadInput
        no trial finished (the estimator raised), or a known trial belongs to another search
    Stopped
        ``session.stop`` returned True
    """
    session = session or Session()
    start, scoring = time.perf_counter(), options.scoring
    trials: dict[int, Trial] = {}

    def time_is_over() -> bool:
        return options.timeout is not None and time.perf_counter() - start > options.timeout

    def late() -> bool:
        return time_is_over() and any(trial.finished for trial in trials.values())

    with parallel(options.workers, task.X, task.y):
        for batch in strategy.batches():
            candidates = dict(enumerate(batch, start=len(trials)))
            for number in candidates.keys() & session.known.keys():
                trials[number] = recall(session.known[number], number, candidates[number])
            new = {number: candidate for number, candidate in candidates.items() if number not in trials}
            results: Iterator[Trial]
            if options.racing and new:
                earlier = best((t for n, t in trials.items() if n not in candidates), scoring)
                race = Race(scoring, options.bounds, earlier, time_is_over)
                results = (trial for trial in race.run(task, candidates) if trial.number in new)
            else:
                results = evaluate(task, new)
            for trial in results:
                trials[trial.number] = trial
                session.on_trial(trial)
                if late() or (session.stop() and len(batch) == strategy.total):
                    break
            if new and (late() or session.stop()):
                break
            batch_trials = [trials[number] for number in candidates]
            strategy.tell(
                [float("nan") if trial.error else trial.mean(scoring) for trial in batch_trials],
                [trial.raced_out for trial in batch_trials],
            )
    ordered = tuple(trials[number] for number in sorted(trials))
    study = Study(ordered, scoring, strategy.space, strategy.total, time.perf_counter() - start)
    if session.stop():
        raise Stopped(study)
    if not study.finished:
        failed = [trial for trial in ordered if trial.error]
        out = f" ({len(ordered) - len(failed)} were raced out before)" if len(failed) < len(ordered) else ""
        raise BadInput(f"all {len(failed)} trials failed{out}; the first with {failed[0].reason}")
    return study
