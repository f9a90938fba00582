"""One experiment, from a plan to an explained model: the straight line."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TypeVar

from joblib import Memory
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.assessment import Adjusting, Assessment, assess, baseline_on_folds
from dge_experiments.evaluation.bias_corrected import BiasCorrected, bias_corrected
from dge_experiments.evaluation.gain import Gain, gain
from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.rankings import Ranked, rankings
from dge_experiments.evaluation.rankings import best as best_ranking
from dge_experiments.evaluation.whole_search import WholeSearch
from dge_experiments.experiment.plan import Plan
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.searches import searches, tuned
from dge_experiments.explanation import explain
from dge_experiments.explanation.diagnostics import diagnostics
from dge_experiments.explanation.method import Subject
from dge_experiments.prediction.decision import Bounds, bounds
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.search import compute
from dge_experiments.search.compute import Workers
from dge_experiments.search.engine import Trial
from dge_experiments.search.fold import configured
from dge_experiments.search.recall import Recorded
from dge_experiments.search.study import Session, Study
from dge_experiments.settings import Settings

OnTrial = Callable[[str, Trial], None]
Made = TypeVar("Made")
log = logging.getLogger(__name__)


def run(
    settings: Settings,
    plan: Plan,
    on_trial: OnTrial = lambda reading, trial: None,
    known: Mapping[int, Recorded] | None = None,
    stopping: AbstractContextManager[Callable[[], bool]] | None = None,
    memory: Memory | None = None,
) -> Result:
    """Search on the training part, refit the best, score it on the held-out part, explain it.

    ``on_trial`` is called with the reading and each new trial. ``known`` are the trials as given of an earlier
    process. ``stopping`` is entered for the searches and yields a callable that says whether to stop
    (``study.Stopped`` is then raised). ``memory`` caches the explanations that depend on the table alone, for the other
    models of a sweep.

    The same settings give the same numbers on any number of cores: every fit has one thread.
    """
    where, scoring, problem = settings.compute, settings.search.scoring, plan.problem
    plan = replace(
        plan, pipeline=compute.with_kernel_cache(plan.pipeline, len(problem.split.train), where.workers)
    )
    with threadpool_limits(1), compute.opened(where.name, where.workers, where.scheduler) as workers:
        with stopping or nullcontext(lambda: False) as stop:
            sessions = {
                AS_GIVEN: Session(known or {}, stop, partial(on_trial, AS_GIVEN)),
                HONEST: Session({}, stop, partial(on_trial, HONEST)),
            }
            studies = searches(settings, plan, workers, sessions)
        readings = _assess(settings, plan, workers, studies)
        as_given = readings[AS_GIVEN]
        whole_search = WholeSearch(tuned(settings, plan, workers), problem)
        outer_folds, permutations = settings.evaluation.outer_folds, settings.evaluation.permutations
        ranked = rankings(problem, scoring, workers=workers)
        subject = _subject(settings, plan, as_given.pipeline, memory)
        with compute.parallel(workers):
            groups = list(problem.audit.groups.values())
            explanation = explain.explain(subject, settings.explanation.methods, groups)
            search_diagnostics = diagnostics(studies[AS_GIVEN], seed=settings.seed)
        return Result(
            settings=settings,
            plan=plan,
            studies=studies,
            readings=readings,
            corrected=_corrected(settings, plan, studies, readings),
            baseline_cv=baseline_on_folds(problem, scoring, workers=workers),
            rankings=ranked,
            gain=_gain(settings, plan, as_given.test, ranked),
            bounds=_bounds(plan, as_given.test),
            external={
                table.name: table.score(as_given.model, problem, scoring, settings.seed)
                for table in plan.externals
            },
            nested=_if_it_fits("nested score", partial(whole_search.nested, outer_folds))
            if outer_folds
            else None,
            null=_if_it_fits("permutation test", partial(whole_search.null, permutations))
            if permutations
            else None,
            explanation=explanation,
            diagnostics=search_diagnostics,
        )


def _assess(
    settings: Settings, plan: Plan, workers: Workers, studies: Mapping[str, Study]
) -> dict[str, Assessment]:
    """Refit and score the best pipeline of each reading."""
    problem = plan.problem
    same_folds = problem.split.cv_folds is problem.split.folds
    return {
        reading: assess(
            configured(plan.pipeline, study.best.candidate),
            problem,
            problem.readings[reading],
            scoring=settings.search.scoring,
            adjusting=Adjusting(str(settings.calibration), str(settings.threshold)),
            seed=settings.seed,
            workers=workers,
            all_rows=settings.model.final_fit == "all",
            cv=study.best if same_folds else None,
        )
        for reading, study in studies.items()
    }


def _corrected(
    settings: Settings, plan: Plan, studies: Mapping[str, Study], readings: Mapping[str, Assessment]
) -> dict[str, BiasCorrected]:
    """The cross-validated score of each reading, corrected for the selection of the best candidate."""
    if not settings.evaluation.bias_corrected:
        return {}
    scoring, y, split = settings.search.scoring, plan.problem.labels.y, plan.problem.split
    corrected = {
        reading: bias_corrected(study, readings[reading].cv.mean(scoring), y, split, seed=settings.seed)
        for reading, study in studies.items()
    }
    return {reading: score for reading, score in corrected.items() if score is not None}


def _if_it_fits(what: str, make: Callable[[], Made]) -> Made | None:
    """What ``make`` gives, which repeats the whole search; None, with a warning, where no candidate can be fitted."""
    try:
        return make()
    except BadInput as failed:
        log.warning("no %s: %s", what, failed)
        return None


def _subject(settings: Settings, plan: Plan, pipeline: Pipeline, memory: Memory | None) -> Subject:
    problem = plan.problem
    return Subject(
        X=problem.X,
        y=problem.labels.y,
        genes=problem.table.frame["gene"],
        classes=problem.labels.classes,
        train=problem.split.train,
        test=problem.split.test,
        honest=problem.honest,
        pipeline=pipeline,
        scoring=settings.search.scoring,
        seed=settings.seed,
        max_rows=settings.explanation.max_rows,
        memory=memory or Memory(None),
    )


def _gain(settings: Settings, plan: Plan, test: HeldOut, ranked: Sequence[Ranked]) -> Gain | None:
    """The model against the best ranking by one statistic on the same genes; None where the model is a ranking."""
    scoring = settings.search.scoring
    best = None if settings.model.name == "ranking" else best_ranking(ranked, scoring)
    if best is None:
        return None
    return gain(test.y, test.prediction, best.prediction, scoring, plan.problem.split.test_groups)


def _bounds(plan: Plan, test: HeldOut) -> Bounds | None:
    """For a question about replication: bounds of the chance to replicate, learned from the held-out genes."""
    probability = test.prediction.probability
    if plan.problem.labels.replication is None or probability is None:
        return None
    return bounds(test.y, probability[:, 1])
