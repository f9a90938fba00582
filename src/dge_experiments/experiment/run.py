"""One experiment, from a plan to an explained model: the straight line."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
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
from dge_experiments.explanation import explain, importance
from dge_experiments.explanation.diagnostics import diagnostics
from dge_experiments.explanation.pca import components
from dge_experiments.prediction.decision import bounds
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.problem.sample import stratified
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
) -> Result:
    """Search on the training part, refit the best, score it on the held-out part, explain it.

    ``known`` are trials of an earlier process; ``stopping`` is entered for the search and gives what tells
    whether it is to stop (``study.Stopped`` is then raised).

    The same settings give the same numbers on any number of cores: every fit has one thread.
    """
    problem, where, seed = plan.problem, settings.compute, settings.seed
    X, y, parts, scoring = problem.X, problem.labels.y, problem.split, settings.search.scoring
    pipeline = compute.with_kernel_cache(plan.pipeline, len(parts.train), where.workers)
    path, asked = settings.model.path, settings.evaluation
    with threadpool_limits(1), compute.opened(where.name, where.workers, where.scheduler) as workers:
        with stopping or nullcontext(lambda: False) as stop:
            options = Options(scoring, settings.search.racing, settings.search.timeout, workers)
            task = Task(pipeline, X.to_numpy(), y, parts.folds, metrics.scorer(scoring), path)
            study = search(plan.strategy, task, options, Session(known or {}, stop, on_trial))
        best = configured(pipeline, study.best.candidate)
        adjusting = Adjusting(settings.calibration, str(settings.threshold))
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
        most = settings.explanation.max_rows
        native = importance.native(given.pipeline, list(X.columns))
        held = stratified(parts.test, y, most, seed)
        permutation = importance.permutation(given.pipeline, X.iloc[held], y[held], scoring, seed)
        pca, methods, estimator = components(X), settings.explanation.methods, given.pipeline[-1]
        with compute.parallel(workers):
            table = explain.explain_table(
                X,
                y,
                pca,
                parts.train,
                stratified(np.arange(len(y), dtype=np.int32), y, most, seed),
                problem.honest,
                methods,
                chosen_c=estimator.C if getattr(estimator, "l1_ratio", None) == 1 else None,
                seed=seed,
            )
            searched = diagnostics(study, seed=seed)
        explained = explain.explain_model(
            given.pipeline,
            X,
            parts.train,
            parts.test,
            table,
            native,
            permutation,
            searched,
            list(problem.audit.groups.values()),
            methods,
            seed=seed,
        )
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
            native=native,
            permutation=permutation,
            pca=pca,
            table=table,
            explained=explained,
        )
