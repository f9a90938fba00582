"""The result of the leak audit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from dge_experiments.errors import listed
from dge_experiments.problem.leak.score import LEAK, Score
from dge_experiments.problem.leak.together import Combination

Tier = Literal["defines_label", "encodes_label", "leaks_together", "carries_label", "redundant", "clean"]
SOURCES = ("defines_label", "encodes_label", "leaks_together")


@dataclass(frozen=True)
class Feature:
    """Attributes
    ----------
    tier : of the feature alone
    reason : for the tier, a clause
    score : cross-validated, of the feature alone; None where classes are too small
    group : name of its monotone group, or ""
    """

    tier: Tier
    reason: str
    score: Score | None
    group: str = ""


@dataclass(frozen=True)
class Audit:
    """What each feature says about the label, before training.

    Attributes
    ----------
    features : name -> its tier alone, in the order of the columns
    combinations : pairs and triples that give the label, or nearly, only together
    stand_ins : feature -> the label source that it stands in for, where this makes it a source
    groups : name of a monotone group -> its features, the most informative first
    identity : the order of the rows, or a part of the genes' names -> its score, where it carries the label
    searched : what was examined, as clauses
    uncertain : what the audit could not determine, a clause, or ""
    """

    features: Mapping[str, Feature]
    combinations: tuple[Combination, ...]
    stand_ins: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    identity: Mapping[str, Score]
    searched: tuple[str, ...]
    uncertain: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Label sources: features an honest model must do without, with all members of a joint leak."""
        return tuple(name for name in self.features if self.tier(name)[0] in SOURCES)

    @property
    def graded(self) -> tuple[str, ...]:
        """Features that nearly give the label, alone or together: honest scores are made without them."""
        return tuple(name for name in self.features if self.tier(name)[0] == "carries_label")

    @property
    def withheld(self) -> tuple[str, ...]:
        """Features that honest scores are made without, in the order of the columns."""
        return tuple(name for name in self.features if name in (*self.sources, *self.graded))

    def tier(self, name: str) -> tuple[Tier, str]:
        """A feature's tier, with joint leaks taken into account, and the reason."""
        feature = self.features[name]
        if feature.tier in ("defines_label", "encodes_label"):
            return feature.tier, feature.reason
        for combination in sorted(self.combinations, key=lambda joint_leak: -joint_leak.low):
            if name in combination.features:
                tier: Tier = "leaks_together" if combination.low > LEAK else "carries_label"
                others = listed([other for other in combination.features if other != name])
                if tier == "leaks_together" or feature.tier != "carries_label":
                    return tier, f"with {others} it {carries(combination.score)}"
        return feature.tier, feature.reason

    def of(self, columns: Collection[str]) -> "Audit":
        """The same audit for some of the columns; a joint leak remains only where all its members do."""
        return replace(
            self,
            features={name: feature for name, feature in self.features.items() if name in columns},
            combinations=tuple(
                combination for combination in self.combinations if set(combination.features) <= set(columns)
            ),
            stand_ins={name: column for name, column in self.stand_ins.items() if name in columns},
        )

    @property
    def tiers(self) -> pd.DataFrame:
        """One row per feature.

        Columns ``feature``; ``tier``, one of ``defines_label`` (the target's rule reads it), ``encodes_label``
        (alone it gives the label, or it stands in for a column that does), ``leaks_together`` (gives it
        with one or two others), ``carries_label`` (nearly gives it, alone or with others), ``redundant`` (a
        monotone function of another feature), ``clean``; ``balanced_accuracy`` of the feature alone,
        cross-validated, with its 95 % interval ``low`` to ``high``, nan where classes are too small; ``group``;
        ``reason``.
        """
        rows = []
        for name, feature in self.features.items():
            score = feature.score
            numbers = (score.value, score.low(), score.high()) if score else (np.nan, np.nan, np.nan)
            tier, reason = self.tier(name)
            rows.append((name, tier, *numbers, feature.group, reason))
        columns = ["feature", "tier", "balanced_accuracy", "low", "high", "group", "reason"]
        return pd.DataFrame(rows, columns=columns)


def carries(score: Score) -> str:
    """How much of the label a feature carries, from its score with the 95 % interval, as a clause."""
    return f"carries {_percent(score.value)} of the label [{_percent(score.low())}, {_percent(score.high())}]"


def _percent(share: float) -> str:
    """In whole percent; 100 % only for a share of 1."""
    return "100 %" if share == 1 else f"{min(99, round(100 * share))} %"
