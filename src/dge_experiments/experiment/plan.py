"""What is going to run, made from the settings: everything that bad input can stop."""

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
from dge_experiments.experiment.inputs import Own, entries_of, further, table_of
from dge_experiments.explanation import explain
from dge_experiments.problem import targets, together
from dge_experiments.problem.leak import audit, shared_rows
from dge_experiments.problem.magnitudes import Magnitudes
from dge_experiments.problem.order import by_id
from dge_experiments.problem.problem import Problem, allowed, labelled, select
from dge_experiments.problem.ranking import RankingClassifier
from dge_experiments.problem.sample import sample
from dge_experiments.problem.split import split
from dge_experiments.search import compute, parameters, sharing, space, strategies
from dge_experiments.settings import Settings, options
from dge_experiments.settings.choices import Deal
from dge_experiments.settings.schema import Features
from dge_experiments.settings.schema import Split as SplitSettings
from dge_experiments.settings.scoring import scoring
from dge_experiments.tables import Table
from dge_experiments.tables.filter import KNOWN


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
    """Read the table, ask the question, audit it, make the split: everything that bad input can stop. ``memory`` keeps
    the audit for other models on the same question.

    Raises
    ------
    BadInput
        the table, the target, the split, the space or the search cannot be used as given
    """
    chosen, asked = settings.search, settings.target
    if (own_metric := scoring(chosen)) is not None:
        metrics.add(chosen.scoring, own_metric)
    taken_over = chosen.scoring == settings.target.scoring
    key = "target.scoring" if taken_over else "search.scoring"
    metrics.check(chosen.scoring, hasattr(estimator, "predict_proba"), key)
    compute.check(settings.compute.name, settings.compute.scheduler)
    explain.check(settings.explanation.methods)
    parameters.check(space.parse(settings.model.space), estimator)
    sharing.check(settings.model.path, estimator)
    first = strategy(settings)
    models = [*options("model"), settings.model.name]
    for name in chosen.models or ():
        if name not in models:
            raise BadInput(f"search.models: no model {name}{nearest(name, models)}")
    by = settings.split.by
    labelling = (*filter(None, [asked.column]), *(name for name in asked.reads if name not in KNOWN))
    keep = (*labelling, *([by] if by is not None and by not in together.NO_COLUMN else []))
    second = further(asked.path, "target.path", settings.data, asked.table)
    second += further(entries_of(asked.tables or {}), "target.tables", settings.data, asked.table)
    rule = targets.make(asked, second)
    own = Own(tuple(settings.features.extra), settings.features.join)
    if own.join and not own.names:
        raise BadInput(f"features.join={own.join}: name the columns to take from it: features.extra=[NAME]")
    whole = table_of(settings.data, keep, own)
    table, answer = labelled(whole, rule(whole))
    scorers.check(metrics.REGISTRY[chosen.scoring], len(answer.classes))
    if len(answer.classes) > 2:
        estimator = _with(estimator, settings.model.multiclass)
    wanted, genes = select(table, settings.features.columns), table.frame["gene"]
    found = (memory or Memory(None)).cache(audit)(
        table.frame[table.features],
        answer.y,
        answer.defined_by,
        seed=settings.seed,
        used=wanted,
        genes=genes,
    )
    columns = allowed(wanted, found, settings.leak.policy, settings.features.drop_label_sources)
    parts = split(
        answer.y,
        answer.classes,
        test_size=settings.split.test_size,
        stratify=settings.split.stratify,
        seed=settings.split.seed,
        folds=settings.split.folds,
        shuffle=settings.split.shuffle,
        cv_rows=settings.split.cv_rows,
        **_kept_apart(table, settings.split),
        repeats=settings.evaluation.repeats,
        order=_order(table, settings.split),
    )
    parts = sample(parts, answer.y, settings.model.max_rows, settings.seed)
    X = table.frame[columns]
    shared = shared_rows(X, genes, answer.y, parts.train, parts.test)
    problem = Problem(table, asked.name, features_called(settings.features), X, answer, found, parts, shared)
    more = further(
        settings.evaluation.external, "evaluation.external", settings.data, keep=labelling, own=own
    )
    others = tuple(external(each, rule, problem) for each in more)
    names = [other.name for other in others]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(
            f"evaluation.external: two tables are called {twice[0]}; give the files different names, or one a name "
            "of its own: {path: FILE, name: OTHER}"
        )
    return Plan(problem, _pipeline(estimator, settings, problem), first, others)


def features_called(asked: Features) -> str:
    """The choice of features as runs are filtered by it: ``list`` where columns were named, further ones with a +."""
    name = "list" if asked.columns is not None and asked.name == "all" else asked.name
    return "+".join([name, *asked.extra])


def _pipeline(estimator: BaseEstimator, settings: Settings, problem: Problem) -> Pipeline:
    """The estimator behind a scaler, after magnitudes where asked; a ranking by itself, which reads the statistics as
    they are.

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


def _order(table: Table, asked: SplitSettings) -> npt.NDArray[np.int32] | None:
    """How the rows are dealt: by their ids, or in the order of the table (None)."""
    if asked.deal == Deal.rows:
        return None
    ids = table.frame["gene"].astype(str)
    if "group" in table.frame:
        ids = ids + "\t" + table.frame["group"].astype(str)
    return by_id(ids, table.frame[table.statistics], asked.seed)


def _with(estimator: BaseEstimator, parameters: dict[str, Any]) -> BaseEstimator:
    """The estimator with parameters for three classes or more."""
    try:
        return clone(estimator).set_params(**parameters)
    except ValueError as error:
        raise BadInput(f"model.multiclass: {error}") from None


def _kept_apart(table: Table, asked: SplitSettings) -> dict[str, Any]:
    """What never stands on both sides of the split, and what is held out by name; see ``problem.split``."""
    if asked.test:
        named = together.named(table, asked.by, asked.test)
        return {"groups": together.codes(table, together.AUTO), "named": named}
    column = {} if asked.by in (None, *together.NO_COLUMN) else {"by": asked.by}
    return {"groups": together.codes(table, asked.by), **column}
