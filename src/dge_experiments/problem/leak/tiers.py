"""The leak audit: every feature gets its tier, before any model is trained."""

from collections.abc import Collection, Mapping, Sequence
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

    A feature encodes the label in two cases: a few cuts of it predict the label with a cross-validated balanced
    accuracy whose lower limit exceeds 0.98, or they separate the classes without an error where a strong honest
    statistic (area under the ROC curve 0.99) would do so less than once in twenty. Both are corrected for the number
    of features. A feature also counts as encoding where it stands in for a column that the rule reads or that encodes
    the label: by the meaning of the columns (`provenance`), or because that column is a monotone function of it. Pairs
    and triples are searched among the others (`together`). A feature that may reach 0.90 or more is graded: it carries
    that much of the label. Classes of fewer than five genes are left out of these tests; `uncertain` says so.

    Parameters
    ----------
    X : rows are genes, columns are features, finite numbers. Give all columns of the table, also those that
        no model will see: relations to a missing column cannot be found.
    y : shape (genes,), integer class codes, two classes or more
    defines : columns that the target's rule reads; those not in `X` are ignored
    seed : draws folds, and for large classes the genes that rules are fitted on
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
    judged_codes = np.unique(codes[judged], return_inverse=True)[1].astype(np.int64)
    judged_X = X if judged.all() else X[judged]
    testable = len(np.unique(judged_codes)) > 1
    scores = _alone(judged_X, judged_codes, seed) if testable else {}
    related = relations(X, seed)
    features, stand_ins = _sources(judged_X, judged_codes, defines, scores, related)
    redundant = representatives(X, related, preferred=list(features))
    varied = [name for name in X.columns if name not in features and X[name].nunique() > 1]
    model_columns = varied if used is None else [name for name in varied if name in used]
    pool = [
        name for name in model_columns if name not in redundant or redundant[name].of not in model_columns
    ]
    combinations = search(judged_X[pool], judged_codes, scores, seed) if testable else ()
    for name in X.columns:
        if name not in features:
            features[name] = _without_leak(name, scores, redundant, name in varied)
    monotone_groups = groups(redundant)
    group_of = {member: group for group, members in monotone_groups.items() for member in members}
    identity = {}
    if genes is not None and testable:
        identity = identity_scores(genes[judged], judged_X, judged_codes, seed)
    return Audit(
        features={name: replace(features[name], group=group_of.get(name, "")) for name in X.columns},
        combinations=combinations,
        stand_ins=stand_ins,
        groups=monotone_groups,
        identity={name: score for name, score in identity.items() if score.nearly(len(identity))},
        searched=_searched(len(pool) if searchable(judged_codes) else 0, genes is not None),
        uncertain=_uncertain(y, judged_codes),
    )


def _sources(
    X: pd.DataFrame,
    y: Codes,
    defines: Collection[str],
    scores: Mapping[str, Score],
    related: Sequence[Relation],
) -> tuple[dict[str, Feature], dict[str, str]]:
    """The features that give the label alone or stand in for one that does; and stand-in -> the source."""
    features: dict[str, Feature] = {}
    for name in X.columns:
        if name in defines:
            features[name] = Feature("defines_label", "the target's rule reads it", scores.get(name))
        elif name in scores and _answers(X[name], y, scores[name], len(X.columns)):
            features[name] = Feature("encodes_label", f"alone it {carries(scores[name])}", scores[name])
    follow = {
        relation.of: (relation.feature, "one follows from the other")
        for relation in related
        if relation.feature in features
    }
    stand_ins = {}
    for name, (source, why) in {**follow, **provenance.stand_ins(X.columns, features)}.items():
        if name not in features:
            stand_ins[name] = source
            features[name] = Feature("encodes_label", f"it stands in for {source}: {why}", scores.get(name))
    return features, stand_ins


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


def _uncertain(y: NDArray[np.integer], judged_codes: Codes) -> str:
    classes, sizes = np.unique(y, return_counts=True)
    rare = [f"{n} in class {c}" for c, n in zip(classes, sizes, strict=True) if n < MIN_GENES]
    if rare:
        return f"too few genes to tell for all classes: {listed(rare)}"
    if sizes.min() < SURE_GENES:
        return f"only {sizes.min()} genes in the smallest class: too few to be sure"
    if not searchable(judged_codes):
        return f"pairs and triples were not searched: only {sizes.min()} genes in the smallest class"
    return ""


def _check(X: pd.DataFrame, y: NDArray[np.integer]) -> None:
    if X.shape[1] == 0 or not X.columns.is_unique:
        raise ValueError(f"columns must be at least one, each with its own name, but got {list(X.columns)}")
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
