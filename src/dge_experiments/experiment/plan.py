"""The plan of a run, made and checked from the settings: everything that bad input can stop."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Memory
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.errors import BadInput, nearest
from dge_experiments.evaluation import metrics, scorers
from dge_experiments.evaluation.external import External, external
from dge_experiments.experiment.inputs import OwnColumns, entries_of, further, table_of
from dge_experiments.explanation import explain
from dge_experiments.problem import targets, together
from dge_experiments.problem.labels import Labels
from dge_experiments.problem.leak import audit, shared_rows
from dge_experiments.problem.magnitudes import Magnitudes
from dge_experiments.problem.order import by_id
from dge_experiments.problem.problem import Problem, allowed, labelled, select
from dge_experiments.problem.ranking import RankingClassifier
from dge_experiments.problem.sample import sample
from dge_experiments.problem.split import Split, split
from dge_experiments.search import compute, parameters, sharing, space, strategies
from dge_experiments.settings import Settings, options
from dge_experiments.settings.choices import Deal
from dge_experiments.settings.schema import Features
from dge_experiments.settings.schema import Split as SplitSettings
from dge_experiments.settings.scoring import scoring
from dge_experiments.tables import Table
from dge_experiments.tables.expression import KNOWN


@dataclass(frozen=True)
class Plan:
    """What is going to run, checked: a problem, a pipeline, and the candidates to try on it.

    ``externals`` are further tables that the model will be scored on, labelled by the same rule.
    """

    problem: Problem
    pipeline: Pipeline
    strategy: strategies.Strategy
    externals: tuple[External, ...] = ()


def strategy(settings: Settings) -> strategies.Strategy:
    """A new strategy; ``search.models``, where given, names the models that are tuned at all."""
    chosen, model = settings.search, settings.model
    tuned = chosen.models is None or model.name in chosen.models
    dimensions = space.parse(model.space)
    return strategies.make(
        chosen.name if tuned else "none", dimensions, chosen.n_trials, chosen.batch, settings.seed
    )


def prepare(settings: Settings, estimator: BaseEstimator, memory: Memory | None = None) -> Plan:
    """Read the table, label it, audit it, split it: everything that bad input can stop.

    ``memory`` keeps the audit for other models on the same question.

    Raises
    ------
    BadInput
        the table, the target, the split, the space or the search cannot be used as given
    """
    target = settings.target
    _check(settings, estimator)
    candidates = strategy(settings)
    _check_tuned_models(settings)
    by = settings.split.by
    labelling = (*filter(None, [target.column]), *(name for name in target.reads if name not in KNOWN))
    keep = (*labelling, *([by] if by is not None and by not in together.NO_COLUMN else []))
    studies = further(target.path, "target.path", settings.data, target.table, "target.table.")
    studies += further(entries_of(target.tables or {}), "target.tables", settings.data)
    rule = targets.make(target, studies)
    own_columns = OwnColumns(tuple(settings.features.extra), settings.features.join)
    if own_columns.join and not own_columns.names:
        raise BadInput(
            f"features.join={own_columns.join}: name the columns to take from it: features.extra=[NAME]"
        )
    all_rows = table_of(settings.data, keep, own_columns)
    table, labels = labelled(all_rows, rule(all_rows))
    scorers.check(metrics.REGISTRY[settings.search.scoring], len(labels.classes))
    if len(labels.classes) > 2:
        estimator = _with(estimator, settings.model.multiclass)
    named, genes = select(table, settings.features.columns), table.frame["gene"]
    leaks = (memory or Memory(None)).cache(audit)(
        table.frame[table.features],
        labels.y,
        labels.defined_by,
        seed=settings.seed,
        used=named,
        genes=genes,
    )
    X = table.frame[allowed(named, leaks, settings.leak.policy, settings.features.drop_label_sources)]
    parts = _split(table, labels, settings)
    shared = shared_rows(X, genes, labels.y, parts.train, parts.test)
    features = features_called(settings.features)
    problem = Problem(table, target.name, features, X, labels, leaks, parts, shared)
    external_tables = further(
        settings.evaluation.external,
        "evaluation.external",
        settings.data,
        keep=labelling,
        own_columns=own_columns,
    )
    externals = tuple(external(further_table, rule, problem) for further_table in external_tables)
    names = [further_table.name for further_table in externals]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise BadInput(
            f"evaluation.external: two tables are called {repeated[0]}; give the files different names, or one a name "
            "of its own: {path: FILE, name: OTHER}"
        )
    return Plan(problem, _pipeline(estimator, settings, problem), candidates, externals)


def _check(settings: Settings, estimator: BaseEstimator) -> None:
    """Raise BadInput where the metric, the workers, the methods or the estimator cannot be used as given."""
    scoring_name = settings.search.scoring
    if (own_metric := scoring(settings.search)) is not None:
        metrics.add(scoring_name, own_metric)
    key = "target.scoring" if scoring_name == settings.target.scoring else "search.scoring"
    metrics.check(scoring_name, hasattr(estimator, "predict_proba"), key)
    compute.check(settings.compute.name, settings.compute.scheduler)
    explain.check(settings.explanation.methods)
    parameters.check(space.parse(settings.model.space), estimator)
    sharing.check(settings.model.path, estimator)


def _check_tuned_models(settings: Settings) -> None:
    """Raise BadInput where ``search.models`` names a model that does not exist."""
    models = [*options("model"), settings.model.name]
    for name in settings.search.models or ():
        if name not in models:
            raise BadInput(f"search.models: no model {name}{nearest(name, models)}")


def _split(table: Table, labels: Labels, settings: Settings) -> Split:
    """Training and held-out rows and the folds; with ``model.max_rows`` on a sample of the training rows."""
    parts = split(
        labels.y,
        labels.classes,
        test_size=settings.split.test_size,
        stratify=settings.split.stratify,
        seed=settings.split.seed,
        folds=settings.split.folds,
        shuffle=settings.split.shuffle,
        cv_rows=settings.split.cv_rows,
        **_groups(table, settings.split),
        repeats=settings.evaluation.repeats,
        order=_order(table, settings.split),
    )
    return sample(parts, labels.y, settings.model.max_rows, settings.seed)


def features_called(features: Features) -> str:
    """The name of the choice of features, for filtering runs: ``list`` where columns were named; own ones after a +."""
    name = "list" if features.columns is not None and features.name == "all" else features.name
    return "+".join([name, *features.extra])


def _pipeline(estimator: BaseEstimator, settings: Settings, problem: Problem) -> Pipeline:
    """Scaler and estimator, with magnitudes first where the settings say so; a ranking alone, which reads unscaled
    statistics.

    Raises
    ------
    BadInput
        a ranking that reads a column that is no feature, or a label source
    """
    if not isinstance(estimator, RankingClassifier):
        before = [Magnitudes(tuple(problem.X.columns))] if settings.features.magnitudes else []
        return make_pipeline(*before, StandardScaler(), estimator)
    tried = [estimator.by, *settings.model.space.get("by", {}).get("choices", [])]
    read = {column for by in tried for column in RankingClassifier(by).needed}
    if leaking := sorted(read & set(problem.leak)):
        raise BadInput(
            f"model=ranking: {', '.join(leaking)} gives the answer of target={problem.target} away, and an order by "
            "it says nothing; add search=none model.estimator.by=COLUMN with another column"
        )
    if absent := sorted(set(estimator.needed) - set(problem.X.columns)):
        raise BadInput(
            f"model.estimator.by={estimator.by}: needs {', '.join(absent)}, and the features are "
            f"{', '.join(problem.X.columns)}"
        )
    return make_pipeline(clone(estimator).set_params(columns=tuple(problem.X.columns)))


def _order(table: Table, settings: SplitSettings) -> npt.NDArray[np.int32] | None:
    """How the rows are dealt: by their ids, or in the order of the table (None)."""
    if settings.deal == Deal.rows:
        return None
    ids = table.frame["gene"].astype(str)
    if "group" in table.frame:
        ids = ids + "\t" + table.frame["group"].astype(str)
    return by_id(ids, table.frame[table.statistics], settings.seed)


def _with(estimator: BaseEstimator, parameters: dict[str, Any]) -> BaseEstimator:
    """The estimator with parameters for three classes or more."""
    try:
        return clone(estimator).set_params(**parameters)
    except ValueError as error:
        raise BadInput(f"model.multiclass: {error}") from None


def _groups(table: Table, settings: SplitSettings) -> dict[str, Any]:
    """Groups that must not be on both sides of the split, and rows held out by name; see ``problem.split``."""
    if settings.test:
        named = together.named(table, settings.by, settings.test)
        return {"groups": together.codes(table, together.AUTO), "named": named}
    column = {} if settings.by in (None, *together.NO_COLUMN) else {"by": settings.by}
    return {"groups": together.codes(table, settings.by), **column}
