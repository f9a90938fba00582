"""The audit: every feature gets its tier, before any model is trained."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dge_experiments.errors import BadInput, listed
from dge_experiments.problem.leak import provenance
from dge_experiments.problem.leak.finding import Audit, Feature, carries
from dge_experiments.problem.leak.identity import identity_scores
from dge_experiments.problem.leak.monotone import Relation, groups, relations, representatives
from dge_experiments.problem.leak.rule import held_out, stratified_folds
from dge_experiments.problem.leak.score import (
    LEAK,
    LEVEL,
    Codes,
    Score,
    chance_of_clean_parting,
    parts_cleanly,
)
from dge_experiments.problem.leak.together import MAX_COLUMNS, search, searchable

MIN_GENES = 5
SURE_GENES = 10


def audit(
    X: pd.DataFrame,
    y: NDArray[np.integer],
    defines: Collection[str],
    *,
    seed: int,
    used: Collection[str] | None = None,
    genes: pd.Series | None = None,
) -> Audit:
    """Find the features that give the label away.

    A feature encodes the label if a few cuts of it answer with a cross-validated balanced accuracy whose lower
    limit exceeds 0.98, or part the classes without a mistake where a strong honest statistic (area under the
    ROC curve 0.99) would do so less than once in twenty; both allow for the number of features. It also counts
    as encoding where it stands in for a column that the rule reads or that encodes the label: by what the
    columns are (`provenance`), or because that column is a monotone function of it. Pairs and triples are
    searched among the others (`together`). What may answer 0.90 or more is graded: it carries so much of the
    label. Classes of fewer than five genes are left out of these questions; `uncertain` says so.

    Parameters
    ----------
    X : rows are genes, columns are features, finite numbers. Give all columns of the table, also those that
        no model will see: relations to a column that is missing cannot be found.
    y : shape (genes,), integer class codes, two classes or more
    defines : columns that the target's rule reads; those not in `X` are passed over
    seed : draws folds, and of large classes the genes that rules are fitted on
    used : columns that a model will see, among which pairs and triples are searched; None for all
    genes : name of each gene; with it, names and the order of the rows are searched too

    Raises
    ------
    BadInput
        a value that is not finite
    ValueError
        no features, a column name twice, a column that is not numeric, lengths that differ, fewer than two
        classes

    References
    ----------
    Kaufman et al. 2012, Leakage in data mining, doi:10.1145/2382577.2382579
    Kapoor and Narayanan 2023, doi:10.1016/j.patter.2023.100804
    """
    _check(X, y)
    codes = np.unique(y, return_inverse=True)[1].astype(np.int64)
    X = X.reset_index(drop=True).astype(np.float64)
    judged = np.bincount(codes)[codes] >= MIN_GENES
    kept = np.unique(codes[judged], return_inverse=True)[1].astype(np.int64)
    part = X if judged.all() else X[judged]
    tellable = len(np.unique(kept)) > 1
    scores = _alone(part, kept, seed) if tellable else {}

    features: dict[str, Feature] = {}
    for name in X.columns:
        if name in defines:
            features[name] = Feature("defines_label", "the target's rule reads it", scores.get(name))
        elif name in scores and _answers(part[name], kept, scores[name], len(X.columns)):
            features[name] = Feature("encodes_label", f"alone it {carries(scores[name])}", scores[name])
    known = relations(X, seed)
    follow = {one.of: (one.feature, "one follows from the other") for one in known if one.feature in features}
    stand_ins = {}
    for name, (of, why) in {**follow, **provenance.stand_ins(X.columns, features)}.items():
        if name not in features:
            stand_ins[name] = of
            features[name] = Feature("encodes_label", f"it stands in for {of}: {why}", scores.get(name))
    redundant = representatives(X, known, preferred=list(features))
    varied = [name for name in X.columns if name not in features and X[name].nunique() > 1]
    seen = varied if used is None else [name for name in varied if name in used]
    pool = [name for name in seen if name not in redundant or redundant[name].of not in seen]
    combinations = search(part[pool], kept, scores, seed) if tellable else ()
    for name in X.columns:
        if name not in features:
            features[name] = _without_leak(name, scores, redundant, name in varied)
    named = groups(redundant)
    group_of = {member: group for group, members in named.items() for member in members}
    identity = {}
    if genes is not None and tellable:
        identity = identity_scores(genes[judged], part, kept, seed)
    return Audit(
        features={name: replace(features[name], group=group_of.get(name, "")) for name in X.columns},
        combinations=combinations,
        stand_ins=stand_ins,
        groups=named,
        identity={name: score for name, score in identity.items() if score.nearly(len(identity))},
        searched=_searched(len(pool) if searchable(kept) else 0, genes is not None),
        uncertain=_uncertain(y, kept),
    )


def _alone(X: pd.DataFrame, y: Codes, seed: int) -> dict[str, Score]:
    folds = stratified_folds(y, seed)
    return {name: held_out(X[name].to_numpy(), y, folds) for name in X.columns}


def _answers(x: pd.Series, y: Codes, alone: Score, features: int) -> bool:
    if alone.low(LEVEL / features) > LEAK:
        return True
    rare = chance_of_clean_parting(alone.size) < LEVEL / features
    return rare and parts_cleanly(x.to_numpy(), y)


def _without_leak(
    name: str, scores: Mapping[str, Score], redundant: Mapping[str, Relation], varied: bool
) -> Feature:
    alone = scores.get(name)
    if alone and alone.nearly(len(scores)):
        return Feature("carries_label", f"alone it {carries(alone)}", alone)
    if name in redundant:
        return Feature("redundant", f"a monotone function of {redundant[name].scale}", alone)
    return Feature("clean", "no label source" if varied else "the same value in every row", alone)


def _searched(combined: int, named: bool) -> tuple[str, ...]:
    combined = min(combined, MAX_COLUMNS)
    clauses = ["columns that the rule reads or that follow from them", "each feature alone"]
    if combined > 1:
        clauses.append(f"{'pairs' if combined == 2 else 'pairs and triples'} of {combined} features")
    return (*clauses, "gene names and row order") if named else tuple(clauses)


def _uncertain(y: NDArray[np.integer], kept: Codes) -> str:
    classes, sizes = np.unique(y, return_counts=True)
    rare = [f"{n} in class {c}" for c, n in zip(classes, sizes, strict=True) if n < MIN_GENES]
    if rare:
        return f"too few genes to tell for all classes: {listed(rare)}"
    if sizes.min() < SURE_GENES:
        return f"only {sizes.min()} genes in the smallest class: too few to be sure"
    if not searchable(kept):
        return f"pairs and triples were not searched: only {sizes.min()} genes in the smallest class"
    return ""


def _check(X: pd.DataFrame, y: NDArray[np.integer]) -> None:
    if X.shape[1] == 0 or not X.columns.is_unique:
        raise ValueError(
            f"columns must be at least one, each with a name of its own, but got {list(X.columns)}"
        )
    if len(X) != len(y):
        raise ValueError(f"X and y must be as long as each other, but got {len(X)} rows and {len(y)} labels")
    if len(np.unique(y)) < 2:
        raise ValueError(f"y must have two classes or more, but all {len(y)} labels are the same")
    for name in X.columns:
        if not pd.api.types.is_numeric_dtype(X[name]):
            raise ValueError(f"columns must be numeric, but {name!r} is {X[name].dtype}")
        bad = np.flatnonzero(~np.isfinite(X[name].to_numpy(np.float64)))
        if len(bad):
            raise BadInput(
                f"column {name!r}, row {bad[0] + 1}: {X[name].iloc[bad[0]]} is not a finite number "
                f"({len(bad)} such rows); remove them before the leak audit"
            )
