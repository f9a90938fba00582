"""One experiment, from a table to an explained model: the straight line."""

from dataclasses import dataclass

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.held_out import HeldOut, held_out
from dge_experiments.explanation import importance
from dge_experiments.explanation.pca import Components, components
from dge_experiments.problem.problem import Problem, select
from dge_experiments.problem.split import split
from dge_experiments.problem.targets import labels
from dge_experiments.search import compute, space, strategies
from dge_experiments.search.engine import Trial, configured, evaluate
from dge_experiments.search.study import OnTrial, Study, search
from dge_experiments.settings import Settings
from dge_experiments.tables import bundled, read


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
    data, chosen = settings.data, settings.search
    metrics.check(chosen.scoring)
    compute.check(settings.compute.workers)
    dimensions = space.parse(settings.model.space)
    space.check(dimensions, estimator)
    tuned = chosen.models is None or settings.model.name in chosen.models
    strategy = strategies.make(
        chosen.name if tuned else "none", dimensions, chosen.n_trials, chosen.batch, settings.seed
    )
    table = read(bundled.path(data.bundled) if data.bundled else str(data.path), name=data.name)
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
    X = select(table, settings.features.columns)
    problem = Problem(table, settings.target.name, settings.features.name, X, answer, parts)
    return Plan(problem, make_pipeline(StandardScaler(), estimator), strategy)


def run(settings: Settings, plan: Plan, on_trial: OnTrial = lambda trial: None) -> Experiment:
    """Search on the training part, refit the best, score it on the held-out part, explain it.

    The same settings give the same numbers on any number of cores: every fit has one thread.
    """
    X, y, parts = plan.problem.X, plan.problem.labels.y, plan.problem.split
    values, workers = X.to_numpy(), settings.compute.workers
    with threadpool_limits(1):
        study = search(
            plan.strategy,
            plan.pipeline,
            values,
            y,
            parts.folds,
            metrics.scores,
            settings.search.scoring,
            timeout=settings.search.timeout,
            workers=workers,
            on_trial=on_trial,
        )
        best = study.best.candidate
        cv = study.best
        if parts.cv_folds is not parts.folds:
            (cv,) = evaluate(
                plan.pipeline, [best], values, y, parts.cv_folds, metrics.scores, workers=workers
            )
        model = configured(plan.pipeline, best).fit(X.iloc[parts.train], y[parts.train])
        held = X.iloc[parts.test], y[parts.test]
        return Experiment(
            settings=settings,
            plan=plan,
            study=study,
            model=model,
            cv=cv,
            test=held_out(model, X, y, parts.train, parts.test, plan.problem.labels.classes),
            native=importance.native(model, list(X.columns)),
            permutation=importance.permutation(model, *held, settings.search.scoring, settings.seed),
            pca=components(X),
        )
