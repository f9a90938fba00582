"""A study: every trial of one search, and the best of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from dge_experiments.errors import BadInput
from dge_experiments.search.compute import Workers, parallel
from dge_experiments.search.engine import Trial, best, evaluate
from dge_experiments.search.fold import Fold, Score
from dge_experiments.search.racing import race
from dge_experiments.search.recall import Recorded, recall
from dge_experiments.search.space import Space
from dge_experiments.search.strategies import Strategy

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
            return {"number": trial.number, **parameters, "error": trial.error.strip().splitlines()[-1]}
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


class Stopped(KeyboardInterrupt):
    """A search that was asked to stop; ``study`` holds what it made until then."""

    def __init__(self, study: Study) -> None:
        super().__init__()
        self.study = study


def search(
    strategy: Strategy,
    pipeline: Pipeline,
    X: npt.NDArray[np.float64],
    y: npt.NDArray[np.int64],
    folds: Sequence[Fold],
    score: Score,
    scoring: str,
    *,
    path: str | None = None,
    racing: bool = False,
    timeout: float | None = None,
    workers: Workers = None,
    known: Mapping[int, Recorded] | None = None,
    stop: Callable[[], bool] = lambda: False,
    on_trial: OnTrial = lambda trial: None,
) -> Study:
    """Try what ``strategy`` asks for and keep every trial.

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,), float64 and int class codes
    folds : pairs of row positions (fit on, score on)
    path : the parameter of which a shorter fit is the beginning of a longer one (see ``sharing``)
    racing : let losers leave before the last fold (see ``racing``)
    timeout : seconds after which no further result is waited for, once a trial has finished
    known : trials of an earlier process by number, which are not made again
    stop : asked after each batch (of a search in one batch after each trial) whether to go on no further
    on_trial : called with each new trial as it finishes, in order of finishing

    Raises
    ------
    BadInput
        no trial finished (the estimator raised), or a known trial is of another search
    Stopped
        ``stop`` said so
    """
    start = time.perf_counter()
    trials: dict[int, Trial] = {}

    def over() -> bool:
        return timeout is not None and time.perf_counter() - start > timeout

    def late() -> bool:
        return over() and any(trial.finished for trial in trials.values())

    with parallel(workers, X, y):
        for batch in strategy.batches():
            candidates = dict(enumerate(batch, start=len(trials)))
            for number, candidate in candidates.items():
                if known and number in known:
                    trials[number] = recall(known[number], number, candidate)
            new = {number: candidate for number, candidate in candidates.items() if number not in trials}
            if racing and new:
                earlier = best((t for n, t in trials.items() if n not in candidates), scoring)
                made = race(
                    pipeline, candidates, X, y, folds, score, scoring, path=path, earlier=earlier, hurry=over
                )
            else:
                made = evaluate(pipeline, new, X, y, folds, score, path=path)
            for trial in made:
                if trial.number not in new:
                    continue
                trials[trial.number] = trial
                on_trial(trial)
                if late() or (stop() and len(batch) == strategy.total):
                    break
            if late() or stop():
                break
            told = [trials[number] for number in candidates]
            strategy.tell(
                [float("nan") if trial.error else trial.mean(scoring) for trial in told],
                [trial.raced_out for trial in told],
            )
    ordered = tuple(trials[number] for number in sorted(trials))
    study = Study(ordered, scoring, strategy.space, strategy.total, time.perf_counter() - start)
    if stop():
        raise Stopped(study)
    if best(ordered, scoring) is None:
        errors = [str(trial.error).strip().splitlines()[-1] for trial in ordered if trial.error]
        out = f" ({len(ordered) - len(errors)} were raced out before)" if len(errors) < len(ordered) else ""
        raise BadInput(f"all {len(errors)} trials failed{out}; the first with {errors[0]}")
    return study
