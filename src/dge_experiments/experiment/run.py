"""One experiment, from a plan to an explained model: the straight line."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from joblib import Memory
from threadpoolctl import threadpool_limits

from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.assessment import Adjusting, assess, baseline_on_folds
from dge_experiments.evaluation.gain import gain
from dge_experiments.evaluation.rankings import best as best_ranking
from dge_experiments.evaluation.rankings import rankings
from dge_experiments.evaluation.tuned import Dealing, TunedClassifier
from dge_experiments.evaluation.whole_search import WholeSearch
from dge_experiments.experiment.plan import Plan, strategy
from dge_experiments.experiment.result import Result
from dge_experiments.explanation.diagnostics import diagnostics
from dge_experiments.explanation.explain import explain
from dge_experiments.explanation.method import Subject
from dge_experiments.prediction.decision import bounds
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.search import compute
from dge_experiments.search.fold import configured
from dge_experiments.search.recall import Recorded
from dge_experiments.search.study import OnTrial, Options, Session, search
from dge_experiments.search.task import Task
from dge_experiments.settings import Settings


def run(
    settings: Settings,
    plan: Plan,
    on_trial: OnTrial = lambda trial: None,
    known: Mapping[int, Recorded] | None = None,
    stopping: AbstractContextManager[Callable[[], bool]] | None = None,
    memory: Memory | None = None,
) -> Result:
    """Search on the training part, refit the best, score it on the held-out part, explain it.

    ``known`` are trials of an earlier process; ``stopping`` is entered for the search and gives what tells
    whether it is to stop (``study.Stopped`` is then raised). ``memory`` keeps the explanations that depend on the
    table alone, for the other models of a sweep.

    The same settings give the same numbers on any number of cores: every fit has one thread.
    """
    problem, where, seed = plan.problem, settings.compute, settings.seed
    X, y, parts, scoring = problem.X, problem.labels.y, problem.split, settings.search.scoring
    pipeline = compute.with_kernel_cache(plan.pipeline, len(parts.train), where.workers)
    path, asked = settings.model.path, settings.evaluation
    with threadpool_limits(1), compute.opened(where.name, where.workers, where.scheduler) as workers:
        with stopping or nullcontext(lambda: False) as stop:
            chosen = settings.search
            limits = metrics.REGISTRY[scoring].bounds
            options = Options(scoring, chosen.racing, chosen.timeout, workers, limits)
            task = Task(pipeline, X.to_numpy(), y, parts.folds, metrics.scorer(scoring), path)
            study = search(plan.strategy, task, options, Session(known or {}, stop, on_trial))
        best = configured(pipeline, study.best.candidate)
        adjusting = Adjusting(str(settings.calibration), str(settings.threshold))
        readings = {
            reading: assess(
                best,
                problem,
                columns,
                scoring=scoring,
                adjusting=adjusting,
                seed=seed,
                workers=workers,
                all_rows=settings.model.final_fit == "all",
                cv=study.best if reading == AS_GIVEN and parts.cv_folds is parts.folds else None,
            )
            for reading, columns in problem.readings.items()
        }
        given = readings[AS_GIVEN]
        again = replace(options, timeout=None)
        dealing = Dealing(len(parts.folds), seed, settings.model.max_rows)
        tuned = TunedClassifier(pipeline, lambda: strategy(settings), again, dealing, path)
        whole = WholeSearch(tuned, problem)
        subject = Subject(
            X=X,
            y=y,
            genes=problem.table.frame["gene"],
            classes=problem.labels.classes,
            train=parts.train,
            test=parts.test,
            honest=problem.honest,
            pipeline=given.pipeline,
            scoring=scoring,
            seed=seed,
            max_rows=settings.explanation.max_rows,
            memory=memory or Memory(None),
        )
        with compute.parallel(workers):
            explanation = explain(subject, settings.explanation.methods, list(problem.audit.groups.values()))
            searched = diagnostics(study, seed=seed)
        single = rankings(problem, scoring, workers=workers)
        eye = None if settings.model.name == "ranking" else best_ranking(single, scoring)
        probability = given.test.prediction.probability
        return Result(
            settings=settings,
            plan=plan,
            study=study,
            readings=readings,
            baseline_cv=baseline_on_folds(problem, scoring, workers=workers),
            rankings=single,
            gain=gain(given.test.y, given.test.prediction, eye.prediction, scoring, parts.test_groups)
            if eye
            else None,
            bounds=bounds(given.test.y, probability[:, 1])
            if problem.labels.replication is not None and probability is not None
            else None,
            external={
                other.name: other.score(given.model, problem, scoring, seed) for other in plan.externals
            },
            nested=whole.nested(asked.outer_folds) if asked.outer_folds else None,
            null=whole.null(asked.permutations) if asked.permutations else None,
            explanation=explanation,
            diagnostics=searched,
        )
