"""One experiment, from a table to an explained model: the straight line."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dge_experiments.errors import BadInput
from dge_experiments.evaluation import assessment, metrics
from dge_experiments.evaluation.assessment import Assessment, assess, baseline_on_folds
from dge_experiments.evaluation.external import External, external
from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.nested import Nested
from dge_experiments.evaluation.permutation import Null
from dge_experiments.evaluation.whole_search import WholeSearch
from dge_experiments.explanation import importance
from dge_experiments.explanation.pca import Components, components
from dge_experiments.problem import targets
from dge_experiments.problem.leak import audit
from dge_experiments.problem.problem import Problem, allowed, filtered, labelled, select
from dge_experiments.problem.split import split
from dge_experiments.search import compute, space, strategies
from dge_experiments.search.engine import Trial, configured
from dge_experiments.search.study import OnTrial, Study, search
from dge_experiments.settings import Data, Settings
from dge_experiments.tables import Table, bundled, read
from dge_experiments.tables.dialect import DIALECTS


@dataclass(frozen=True)
class Plan:
    """What is going to run, checked: a problem, a pipeline, and the candidates to try on it.

    ``externals`` are further tables that the model will be scored on, labelled by the same rule.
    """

    problem: Problem
    pipeline: Pipeline
    strategy: strategies.Strategy
    externals: tuple[External, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """Attributes
    ----------
    plan, settings : what was run
    study : every trial of the search
    model : the best pipeline, refitted on the training part, calibrated where asked
    pipeline : the same before calibration
    cv, baseline_cv : the chosen pipeline's, and the constant answer's trial on ``split.cv_folds``
    test : its scores on the held-out part, beside the baseline's
    honest : the same pipeline without the label sources; None where there are none, or nothing is left
    external : name of each further table -> scores there
    nested, null : the whole search in outer folds, and under shuffled labels, where asked
    native, permutation : importance of each feature (see ``explanation.importance``)
    pca : of all genes
    """

    settings: Settings
    plan: Plan
    study: Study
    model: BaseEstimator
    pipeline: Pipeline
    cv: Trial
    baseline_cv: Trial
    test: HeldOut
    honest: Assessment | None
    external: Mapping[str, HeldOut]
    nested: Nested | None
    null: Null | None
    native: pd.DataFrame | None
    permutation: pd.DataFrame
    pca: Components


def table_of(data: Data, keep: tuple[str, ...] = ()) -> Table:
    """The table that ``data`` names, read and filtered; ``keep`` are further columns to carry along."""
    if not data.bundled and not data.path:
        raise BadInput("data.path: must be given; add data.path=FILE")
    table = read(
        bundled.path(data.bundled) if data.bundled else str(data.path),
        name=data.name,
        columns={role: header for role, header in asdict(data.columns).items() if header is not None},
        dialect=data.dialect,
        sheet=data.sheet,
        group=data.group,
        missing=data.missing,  # type: ignore[arg-type]
        dialects=(*DIALECTS, *map(Path, data.dialects)),
        derive=data.derive,
        keep=keep,
    )
    return filtered(table, data.filter)


def prepare(settings: Settings, estimator: BaseEstimator) -> Plan:
    """Read the table, ask the question, audit it, make the split: everything that bad input can stop.

    Raises
    ------
    BadInput
        the table, the target, the split, the space or the search cannot be used as given
    """
    chosen, asked = settings.search, settings.target
    metrics.check(chosen.scoring)
    assessment.check(settings.calibration)
    compute.check(settings.compute.workers)
    dimensions = space.parse(settings.model.space)
    space.check(dimensions, estimator)
    tuned = chosen.models is None or settings.model.name in chosen.models
    strategy = strategies.make(
        chosen.name if tuned else "none", dimensions, chosen.n_trials, chosen.batch, settings.seed
    )
    keep = (asked.column,) if asked.column else ()
    rule = targets.make(
        asked.name,
        lfc=asked.lfc,
        fdr=asked.fdr,
        second=_second(asked.path),
        alpha=asked.alpha,
        column=asked.column,
    )
    whole = table_of(settings.data, keep)
    table, answer = labelled(whole, rule(whole))
    found = audit(table.frame[table.features], answer.y, answer.defined_by, seed=settings.seed)
    wanted = select(table, settings.features.columns)
    columns = allowed(wanted, found, settings.leak.policy, settings.features.drop_label_sources)
    by = settings.split.by
    if by is not None and by not in table.frame:
        raise BadInput(f"split.by={by}: {table.path} has no such column (gene, or group in a long table)")
    parts = split(
        answer.y,
        answer.classes,
        test_size=settings.split.test_size,
        stratify=settings.split.stratify,
        seed=settings.split.seed,
        folds=settings.split.folds,
        shuffle=settings.split.shuffle,
        cv_rows=settings.split.cv_rows,
        groups=None if by is None else _groups(table.frame[by]),
        repeats=settings.evaluation.repeats,
    )
    problem = Problem(table, asked.name, settings.features.name, table.frame[columns], answer, found, parts)
    others = tuple(external(read(file), rule, problem) for file in settings.evaluation.external)
    return Plan(problem, make_pipeline(StandardScaler(), estimator), strategy, others)


def run(settings: Settings, plan: Plan, on_trial: OnTrial = lambda trial: None) -> Experiment:
    """Search on the training part, refit the best, score it on the held-out part, explain it.

    The same settings give the same numbers on any number of cores: every fit has one thread.
    """
    problem, workers, seed = plan.problem, settings.compute.workers, settings.seed
    X, y, parts, scoring = problem.X, problem.labels.y, problem.split, settings.search.scoring
    with threadpool_limits(1):
        study = search(
            plan.strategy,
            plan.pipeline,
            X.to_numpy(),
            y,
            parts.folds,
            metrics.scores,
            scoring,
            timeout=settings.search.timeout,
            workers=workers,
            on_trial=on_trial,
        )
        best = configured(plan.pipeline, study.best.candidate)
        how = {"calibration": settings.calibration, "seed": seed, "workers": workers}
        known = study.best if parts.cv_folds is parts.folds else None
        given = assess(best, problem, list(X.columns), cv=known, **how)  # type: ignore[arg-type]
        honest = None
        if problem.leak and problem.honest:
            honest = assess(best, problem, problem.honest, **how)  # type: ignore[arg-type]
        whole = WholeSearch(plan.pipeline, problem, settings.model.space, settings.search, seed, workers)
        asked = settings.evaluation
        held = X.iloc[parts.test], y[parts.test]
        return Experiment(
            settings=settings,
            plan=plan,
            study=study,
            model=given.model,
            pipeline=given.pipeline,
            cv=given.cv,
            baseline_cv=baseline_on_folds(problem, workers=workers),
            test=given.test,
            honest=honest,
            external={other.name: other.score(given.model, problem, seed) for other in plan.externals},
            nested=whole.nested(asked.outer_folds) if asked.outer_folds else None,
            null=whole.null(asked.permutations) if asked.permutations else None,
            native=importance.native(given.pipeline, list(X.columns)),
            permutation=importance.permutation(given.pipeline, *held, scoring, seed),
            pca=components(X),
        )


def _second(path: str | None) -> Table | None:
    if path is None:
        return None
    name = path.removeprefix("bundled:")
    return read(path if name == path else bundled.path(name))


def _groups(names: pd.Series) -> npt.NDArray[np.intp]:
    """Codes of the names; rows without one are groups of their own."""
    blank = names == ""
    own = pd.Series([f"row {i}" for i in range(len(names))], index=names.index)
    return names.where(~blank, own).factorize()[0]
