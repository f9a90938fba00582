"""One experiment, from a table to an explained model: the straight line."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dge_experiments.errors import BadInput
from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.held_out import HeldOut, held_out
from dge_experiments.explanation import importance
from dge_experiments.explanation.pca import Components, components
from dge_experiments.problem.problem import Problem, select
from dge_experiments.problem.sample import sample
from dge_experiments.problem.split import split
from dge_experiments.problem.targets import labels
from dge_experiments.search import compute, sharing, space, strategies
from dge_experiments.search.engine import Trial, evaluate
from dge_experiments.search.fold import configured
from dge_experiments.search.recall import Recorded
from dge_experiments.search.study import OnTrial, Study, search
from dge_experiments.settings import Settings
from dge_experiments.tables import Table, bundled, read
from dge_experiments.tables.simulated import simulate


@dataclass(frozen=True)
class Plan:
    """What is going to run, checked: a problem, a pipeline, and the candidates to try on it."""

    problem: Problem
    pipeline: Pipeline
    strategy: strategies.Strategy


@dataclass(frozen=True)
class Experiment:
    """Attributes
    ----------
    plan, settings : what was run
    study : every trial of the search
    model : the best pipeline, refitted on the training part
    cv : the chosen pipeline's trial on ``split.cv_folds``
    test : its scores on the held-out part, beside the baseline's
    native, permutation : importance of each feature (see ``explanation.importance``)
    pca : of all genes
    """

    settings: Settings
    plan: Plan
    study: Study
    model: Pipeline
    cv: Trial
    test: HeldOut
    native: pd.DataFrame | None
    permutation: pd.DataFrame
    pca: Components


def prepare(settings: Settings, estimator: BaseEstimator) -> Plan:
    """Read the table, ask the question, make the split: everything that bad input can stop.

    Raises
    ------
    BadInput
        the table, the target, the split, the space or the search cannot be used as given
    """
    chosen = settings.search
    metrics.check(chosen.scoring)
    if settings.model.final_fit not in ("sample", "all"):
        raise BadInput(f"model.final_fit={settings.model.final_fit}: must be sample or all")
    compute.check(settings.compute.name, settings.compute.workers, settings.compute.scheduler)
    dimensions = space.parse(settings.model.space)
    space.check(dimensions, estimator)
    sharing.check(settings.model.path, estimator)
    tuned = chosen.models is None or settings.model.name in chosen.models
    strategy = strategies.make(
        chosen.name if tuned else "none", dimensions, chosen.n_trials, chosen.batch, settings.seed
    )
    table = _table(settings)
    answer = labels(settings.target.name, table)
    parts = split(
        answer.y,
        answer.classes,
        test_size=settings.split.test_size,
        stratify=settings.split.stratify,
        seed=settings.split.seed,
        folds=settings.split.folds,
        shuffle=settings.split.shuffle,
        cv_rows=settings.split.cv_rows,
    )
    parts = sample(parts, answer.y, settings.model.max_rows, settings.seed)
    X = select(table, settings.features.columns)
    problem = Problem(table, settings.target.name, settings.features.name, X, answer, parts)
    return Plan(problem, make_pipeline(StandardScaler(), estimator), strategy)


def run(
    settings: Settings,
    plan: Plan,
    on_trial: OnTrial = lambda trial: None,
    known: Mapping[int, Recorded] | None = None,
    stopping: AbstractContextManager[Callable[[], bool]] | None = None,
) -> Experiment:
    """Search on the training part, refit the best, score it on the held-out part, explain it.

    ``known`` are trials of an earlier process; ``stopping`` is entered for the search and gives what tells
    whether it is to stop (``study.Stopped`` is then raised).

    The same settings give the same numbers on any number of cores: every fit has one thread.
    """
    X, y, parts = plan.problem.X, plan.problem.labels.y, plan.problem.split
    values, where = X.to_numpy(), settings.compute
    pipeline = compute.with_kernel_cache(plan.pipeline, len(parts.train), where.workers)
    with threadpool_limits(1), compute.opened(where.name, where.workers, where.scheduler) as workers:
        with stopping or nullcontext(lambda: False) as stop:
            study = search(
                plan.strategy,
                pipeline,
                values,
                y,
                parts.folds,
                metrics.scores,
                settings.search.scoring,
                path=settings.model.path,
                racing=settings.search.racing,
                timeout=settings.search.timeout,
                workers=workers,
                known=known,
                stop=stop,
                on_trial=on_trial,
            )
        best = study.best.candidate
        cv = study.best
        if parts.cv_folds is not parts.folds:
            with compute.parallel(workers, values, y):
                (cv,) = evaluate(pipeline, {0: best}, values, y, parts.cv_folds, metrics.scores)
        train = parts.full.train if parts.full and settings.model.final_fit == "all" else parts.train
        model = configured(pipeline, best).fit(X.iloc[train], y[train])
        held = X.iloc[parts.test], y[parts.test]
        return Experiment(
            settings=settings,
            plan=plan,
            study=study,
            model=model,
            cv=cv,
            test=held_out(model, X, y, train, parts.test, plan.problem.labels.classes),
            native=importance.native(model, list(X.columns)),
            permutation=importance.permutation(model, *held, settings.search.scoring, settings.seed),
            pca=components(X),
        )


def _table(settings: Settings) -> Table:
    data = settings.data
    if data.simulated is not None:
        return simulate(**asdict(data.simulated), name=data.name or "simulated")
    return read(bundled.path(data.bundled) if data.bundled else str(data.path), name=data.name)
