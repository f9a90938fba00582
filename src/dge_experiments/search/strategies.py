"""Which candidates to try next: ask for a batch, tell its scores.

Every strategy gives the same candidates for the same seed and batch size, however many processes evaluate them.
"""

import warnings
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import TrialState

from dge_experiments.errors import BadInput
from dge_experiments.search.space import Candidate, Space, distributions, grid

NAMES = ("none", "grid", "random", "tpe")


class Strategy(Protocol):
    """``batches`` yields candidates; the caller tells the scores of each batch before it takes the next.

    A score is nan where the trial failed; where the trial was raced out it is the mean over its folds.

    Attributes
    ----------
    space : what the candidates are taken from; empty where there is one candidate
    total : how many candidates there will be
    """

    space: Space
    total: int

    def batches(self) -> Iterator[list[Candidate]]: ...

    def tell(self, scores: Sequence[float], raced_out: Sequence[bool]) -> None: ...


class Fixed:
    """Candidates known beforehand, as one batch: the space's grid; for an empty space, the estimator's defaults."""

    def __init__(self, space: Space, candidates: list[Candidate] | None = None) -> None:
        self.space = space
        self.candidates = candidates or grid(space)
        self.total = len(self.candidates)

    def batches(self) -> Iterator[list[Candidate]]:
        yield self.candidates

    def tell(self, scores: Sequence[float], raced_out: Sequence[bool]) -> None:
        pass


class Sampled:
    """Optuna's sampler, asked for ``batch`` trials at a time; higher scores are better.

    Trial k's sampler is seeded from (seed, k), so that the candidates do not depend on what ran before in this
    process. TPE: Bergstra et al. 2011 (NeurIPS 24); multivariate, with the constant liar for trials that are out.
    """

    def __init__(self, space: Space, sampler: str, n_trials: int, batch: int, seed: int) -> None:
        self.space = space
        self.sampler, self.total, self.batch, self.seed = sampler, n_trials, batch, seed
        self.study = new_study()
        self.out: list[optuna.Trial] = []

    def batches(self) -> Iterator[list[Candidate]]:
        for start in range(0, self.total, self.batch):
            numbers = range(start, min(start + self.batch, self.total))
            self.out = [self._ask(number) for number in numbers]
            yield [dict(trial.params) for trial in self.out]

    def tell(self, scores: Sequence[float], raced_out: Sequence[bool]) -> None:
        for trial, score, early in zip(self.out, scores, raced_out, strict=True):
            if np.isnan(score):
                self.study.tell(trial, state=TrialState.FAIL)
            elif early:
                trial.report(score, step=0)
                self.study.tell(trial, state=TrialState.PRUNED)
            else:
                self.study.tell(trial, score)

    def _ask(self, number: int) -> optuna.Trial:
        seed = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])
        if self.sampler == "random":
            self.study.sampler = optuna.samplers.RandomSampler(seed=seed)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ExperimentalWarning)
                self.study.sampler = optuna.samplers.TPESampler(
                    seed=seed, multivariate=True, constant_liar=True
                )
        return self.study.ask(distributions(self.space))


def new_study() -> optuna.Study:
    """An empty study in memory, higher is better, made without Optuna's log line."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(direction="maximize")
    finally:
        optuna.logging.set_verbosity(before)


def only(candidate: Candidate) -> Strategy:
    """The strategy that tries nothing else."""
    return Fixed({}, [candidate])


def make(name: str, space: Space, n_trials: int | None, batch: int | None, seed: int) -> Strategy:
    """The strategy called ``name``. A space without dimensions has one candidate.

    Raises
    ------
    BadInput
        a name that is none of ``NAMES``, a number of trials or a batch below 1
    """
    if name not in NAMES:
        raise BadInput(f"search.name={name}: no such search (there are {', '.join(NAMES)})")
    if name == "none" or not space:
        return Fixed({})
    if name == "grid":
        return Fixed(space)
    if n_trials is None or n_trials < 1:
        raise BadInput(f"search.n_trials={n_trials}: {name} needs a whole number, 1 or more")
    if batch is None or batch < 1:
        raise BadInput(f"search.batch={batch}: {name} needs a whole number, 1 or more")
    return Sampled(space, name, n_trials, batch, seed)
