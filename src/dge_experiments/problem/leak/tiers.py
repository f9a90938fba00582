"""The leak audit: which features give the label away, found before any model is trained."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dge_experiments.errors import BadInput
from dge_experiments.problem.leak.monotone import groups, relations, representatives
from dge_experiments.problem.leak.pairs import Pair, leaking_pairs, searchable
from dge_experiments.problem.leak.rule import Codes, Folds, chance_of_separation, held_out, stratified_folds

THRESHOLD = 0.99
CHANCE = 0.01
MIN_GENES = 5
SURE_GENES = 10
SOURCES = ("defines_label", "encodes_label", "leaks_together")


@dataclass(frozen=True)
class Audit:
    """What each feature says about the label, before training.

    Attributes
    ----------
    tiers : one row per feature in the order of the columns: `feature`; `tier`, one of ``defines_label``
        (the target's rule reads it), ``encodes_label`` (alone it answers the question, or it stands in for a
        column the rule reads), ``leaks_together`` (answers it with one other feature), ``redundant`` (a
        monotone function of another feature), ``clean``; `balanced_accuracy` of the feature alone,
        cross-validated, nan where classes are too small; `group`, name of its monotone group or "";
        `reason`, a clause
    groups : name of a monotone group -> its features, the one that says most first
    stand_ins : encoding feature -> the column of the rule that is a monotone function of it, where that is
        the only reason
    pairs : pairs of features that answer the question only together
    uncertain : what the audit could not tell, a clause, or ""
    """

    tiers: pd.DataFrame
    groups: Mapping[str, tuple[str, ...]]
    stand_ins: Mapping[str, str]
    pairs: tuple[Pair, ...]
    uncertain: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Label sources: features an honest model must do without, both of a pair that leaks together."""
        return tuple(self.tiers.loc[self.tiers["tier"].isin(SOURCES), "feature"])

    @property
    def tag(self) -> str:
        """The label sources joined by ", ", or ``none``."""
        return ", ".join(self.sources) or "none"

    def of(self, columns: Collection[str]) -> "Audit":
        """The same finding, of some of the columns alone."""
        return replace(
            self,
            tiers=self.tiers[self.tiers["feature"].isin(columns)],
            stand_ins={name: column for name, column in self.stand_ins.items() if name in columns},
            pairs=tuple(pair for pair in self.pairs if {pair.first, pair.second} <= set(columns)),
        )

    @property
    def verdict(self) -> str:
        """The finding in one sentence."""
        tier = self.tiers.groupby("tier", sort=False)["feature"].agg(list).to_dict()
        clauses = []
        if "defines_label" in tier:
            clauses.append(f"the label is computed from {listed(tier['defines_label'])}")
        if names := [name for name in tier.get("encodes_label", []) if name not in self.stand_ins]:
            clauses.append(
                f"alone, {listed(names)} {'gives' if len(names) == 1 else 'each give'} the answer away"
            )
        for column in dict.fromkeys(self.stand_ins.values()):
            names = [name for name, of in self.stand_ins.items() if of == column]
            clauses.append(f"in place of {column} {'stands' if len(names) == 1 else 'stand'} {listed(names)}")
        clauses += [f"together, {p.first} and {p.second} give the answer away" for p in self.pairs]
        if clauses:
            these, them = ("this feature", "it") if len(self.sources) == 1 else ("these features", "them")
            said = (
                f"{'; '.join(clauses)}: a high score with {these} only repeats the label, "
                f"so trust the honest score, made without {them}"
            )
        elif self.uncertain:
            said = "no feature was found to give the label away"
        else:
            said = "no feature, alone or with one other, gives the label away: the score has to be earned"
        return f"{said[0].upper()}{said[1:]}{f' ({self.uncertain})' if self.uncertain else ''}."


def audit(X: pd.DataFrame, y: NDArray[np.integer], defines: Collection[str], *, seed: int) -> Audit:
    """Find the features that give the label away.

    A feature encodes the label if a few cuts of it answer with a cross-validated balanced accuracy of 0.99
    or more over all genes (ten or more in each class), or part the classes without a single mistake where
    shuffled labels would be parted so less than once in a hundred. It also counts as encoding where a column
    that the rule reads is a monotone function of it (P.Value where the rule reads adj.P.Val). Classes of
    fewer than five genes are left out of that question; with fewer than ten the answer is not sure;
    `uncertain` says so.

    Parameters
    ----------
    X : rows are genes, columns are features, finite numbers. Give all columns of the table, also those that
        no model will see: relations to a column that is missing cannot be found.
    y : shape (genes,), integer class codes, two classes or more
    defines : columns that the target's rule reads; those not in `X` are passed over
    seed : draws folds and, above 10,000 genes of a class, the genes that rules are fitted on

    Raises
    ------
    BadInput
        no features, a column name twice, a column that is not numeric, a value that is not finite, lengths
        that differ, fewer than two classes

    References
    ----------
    Kaufman et al. 2012, Leakage in data mining, doi:10.1145/2382577.2382579
    """
    _check(X, y)
    codes = np.unique(y, return_inverse=True)[1].astype(np.int64)
    X = X.reset_index(drop=True).astype(np.float64)
    judged = np.bincount(codes)[codes] >= MIN_GENES
    kept = np.unique(codes[judged], return_inverse=True)[1].astype(np.int64)
    part = X if judged.all() else X[judged]
    folds = stratified_folds(kept, seed) if len(np.unique(kept)) > 1 else None
    alone = {name: _alone(part[name], kept, folds) for name in X.columns}
    found = relations(X, seed)

    tier: dict[str, tuple[str, str]] = {}
    for name in X.columns:
        if name in defines:
            tier[name] = "defines_label", "the target's rule reads it"
        elif reason := _encodes(part[name], kept, alone[name]):
            tier[name] = "encodes_label", reason
    stand_ins = {r.of: r.feature for r in found if r.feature in defines and r.of not in tier}
    for name, column in stand_ins.items():
        tier[name] = (
            "encodes_label",
            f"it stands in for {column}, which the rule reads: one follows from the other",
        )
    redundant = representatives(X, found, preferred=list(tier))
    pairs: tuple[Pair, ...] = ()
    if folds is not None:
        repeats = {(r.feature, r.of) for r in found}
        rest = part[[c for c in X.columns if c not in tier and X[c].nunique() > 1]]
        pairs = leaking_pairs(rest, kept, alone, folds, THRESHOLD, seed, repeats)
    for pair in pairs:
        for name, other in ((pair.first, pair.second), (pair.second, pair.first)):
            reason = (
                f"with {other} it answers the question ({pair.combination}: "
                f"balanced accuracy {pair.balanced_accuracy:.3f}), alone not"
            )
            tier.setdefault(name, ("leaks_together", reason))
    for name, relation in redundant.items():
        tier.setdefault(name, ("redundant", f"a monotone function of {relation.scale}"))
    named = groups(redundant)
    group_of = {member: group for group, members in named.items() for member in members}
    for name in X.columns:
        constant = X[name].nunique() == 1
        tier.setdefault(name, ("clean", "the same value in every row" if constant else "no label source"))
    rows = [(name, tier[name][0], alone[name], group_of.get(name, ""), tier[name][1]) for name in X.columns]
    frame = pd.DataFrame(rows, columns=["feature", "tier", "balanced_accuracy", "group", "reason"])
    return Audit(frame, named, stand_ins, pairs, _uncertain(y, kept))


def _alone(x: pd.Series, y: Codes, folds: Folds | None) -> float:
    return float("nan") if folds is None else held_out(x.to_numpy(np.float64), y, folds)


def _encodes(x: pd.Series, y: Codes, alone: float) -> str:
    """Why the feature encodes the label, or ""."""
    size = np.bincount(y)
    if alone >= THRESHOLD and size.min() >= SURE_GENES:
        return f"alone it answers the question (cross-validated balanced accuracy {alone:.3f})"
    if len(size) > 1 and chance_of_separation(x.to_numpy(np.float64), y) < CHANCE:
        return f"alone it parts the classes of {listed([str(n) for n in size])} genes without a mistake"
    return ""


def _uncertain(y: NDArray[np.integer], kept: Codes) -> str:
    classes, sizes = np.unique(y, return_counts=True)
    rare = [f"{n} in class {c}" for c, n in zip(classes, sizes, strict=True) if n < MIN_GENES]
    if rare:
        return f"too few genes to tell for all classes: {listed(rare)}"
    if sizes.min() < SURE_GENES:
        return f"only {sizes.min()} genes in the smallest class: too few to be sure"
    if not searchable(kept):
        return f"pairs of features were not searched: only {sizes.min()} genes in the smallest class"
    return ""


def listed(names: Sequence[str]) -> str:
    """The names as they stand in a sentence: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _check(X: pd.DataFrame, y: NDArray[np.integer]) -> None:
    if X.shape[1] == 0:
        raise BadInput("the leak audit got a table without features; give at least one numeric column")
    if not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()][0]
        raise BadInput(f"column {twice!r} is there twice; rename or remove one")
    if len(X) != len(y):
        raise BadInput(
            f"the leak audit got {len(X)} rows of features and {len(y)} labels; they must be as many"
        )
    for name in X.columns:
        if not pd.api.types.is_numeric_dtype(X[name]):
            raise BadInput(
                f"column {name!r} is not numeric ({X[name].dtype}); the leak audit reads numbers only"
            )
        bad = np.flatnonzero(~np.isfinite(X[name].to_numpy(np.float64)))
        if len(bad):
            raise BadInput(
                f"column {name!r}, row {bad[0] + 1}: {X[name].iloc[bad[0]]} is not a finite number "
                f"({len(bad)} such rows); remove them before the leak audit"
            )
    if len(np.unique(y)) < 2:
        raise BadInput(f"the label has one class only in all {len(y)} rows; the leak audit needs two or more")
