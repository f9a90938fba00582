"""The searches of a run: one for each reading of its question, and the search as a classifier."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from dge_experiments.errors import BadInput
from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.bias_corrected import answers_to_keep
from dge_experiments.evaluation.tuned import Dealing, TunedClassifier
from dge_experiments.experiment.plan import Plan, strategy
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.search import strategies
from dge_experiments.search.compute import Workers
from dge_experiments.search.fold import for_columns
from dge_experiments.search.strategies import Strategy
from dge_experiments.search.study import Options, Session, Stopped, Study, search
from dge_experiments.search.task import Task
from dge_experiments.settings import Settings
from dge_experiments.settings.choices import LeakSearch

log = logging.getLogger(__name__)


def searches(
    settings: Settings, plan: Plan, workers: Workers, sessions: Mapping[str, Session]
) -> dict[str, Study]:
    """The search as given, and the honest reading's where there is one: a second search on its features, or, with
    ``leak.search=same``, the best candidate alone.

    Raises
    ------
    Stopped
        the session asked to stop, in either search; the exception holds the trials as given
    """
    as_given = _search(settings, plan, AS_GIVEN, plan.strategy, workers, sessions[AS_GIVEN])
    if HONEST not in plan.problem.readings:
        return {AS_GIVEN: as_given}
    searched = settings.leak.search == LeakSearch.own
    candidates = strategy(settings) if searched else strategies.only(as_given.best.candidate)
    try:
        honest = _search(settings, plan, HONEST, candidates, workers, sessions[HONEST])
    except Stopped:
        raise Stopped(as_given) from None
    except BadInput as failed:
        log.warning("no honest score, without %s: %s", ", ".join(plan.problem.withheld), failed)
        return {AS_GIVEN: as_given}
    return {AS_GIVEN: as_given, HONEST: honest}


def tuned(settings: Settings, plan: Plan, workers: Workers) -> TunedClassifier:
    """The whole search as one classifier, without the timeout."""
    options = replace(_options(settings, workers), timeout=None)
    dealing = Dealing(len(plan.problem.split.folds), settings.seed, settings.model.max_rows)
    return TunedClassifier(plan.pipeline, lambda: strategy(settings), options, dealing, settings.model.path)


def _search(
    settings: Settings, plan: Plan, reading: str, candidates: Strategy, workers: Workers, session: Session
) -> Study:
    """Try the candidates on the features of a reading."""
    problem, columns, scoring = plan.problem, plan.problem.readings[reading], settings.search.scoring
    y, keep_answers = problem.labels.y, settings.evaluation.bias_corrected
    task = Task(
        for_columns(plan.pipeline, columns),
        problem.X[columns].to_numpy(),
        y,
        problem.split.folds,
        metrics.scorer(scoring),
        settings.model.path,
        answers_to_keep(scoring, y, problem.split, settings.seed) if keep_answers else None,
    )
    return search(candidates, task, _options(settings, workers), session)


def _options(settings: Settings, workers: Workers) -> Options:
    chosen = settings.search
    limits = metrics.REGISTRY[chosen.scoring].bounds
    return Options(chosen.scoring, chosen.racing, chosen.timeout, workers, limits)
