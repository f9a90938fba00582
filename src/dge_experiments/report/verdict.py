"""The wording of verdicts: what a score is worth, in plain sentences."""

from collections.abc import Sequence

import pandas as pd

from dge_experiments.evaluation.held_out import HeldOut


def score(model: str, test: HeldOut, scoring: str) -> str:
    """The held-out score beside the constant answer's; accuracy never alone."""
    also = "mcc" if scoring in ("accuracy", "balanced_accuracy") else scoring
    return (
        f"{model} is right on {test.scores['accuracy']:.1%} {_percent(test.intervals)} of {len(test.y):,} held-out "
        f"genes; always answering the most frequent class is right on {test.baseline['accuracy']:.1%}. "
        f"Balanced accuracy {_with(test, 'balanced_accuracy')}, constant answer "
        f"{test.baseline['balanced_accuracy']:.3f}; {also.replace('_', ' ')} {_with(test, also)}, "
        f"constant answer {test.baseline[also]:.3f}."
    )


def honest(sources: Sequence[str], test: HeldOut | None) -> str:
    """What is left of the score without the label sources."""
    if not sources:
        return ""
    without = f"Honest score, without {' and '.join(sources)}"
    if test is None:
        return f"{without}: no feature is left."
    low, chance = test.intervals["low"]["balanced_accuracy"], test.baseline["balanced_accuracy"]
    above = bool(low > chance)
    worth = "above the constant answer" if above else "not above the constant answer"
    return (
        f"{without}: balanced accuracy {_with(test, 'balanced_accuracy')}, {worth} ({chance:.3f}); "
        f"ROC AUC {_with(test, 'roc_auc')}."
    )


def small(test: HeldOut) -> str:
    """A warning where the held-out part cannot tell."""
    if not test.small:
        return ""
    counts = test.per_class.set_index("class")["genes"]
    which = ", ".join(f"{counts[name]} of class {name}" for name in test.small)
    return f"Too small to tell: the held-out part has only {which}."


def _with(test: HeldOut, metric: str) -> str:
    """A score with its 95 % interval, where that can be told."""
    low, high = test.intervals.loc[metric]
    limits = f" [{low:.3f}, {high:.3f}]" if pd.notna(low) else ""
    return f"{test.scores[metric]:.3f}{limits}"


def _percent(intervals: pd.DataFrame) -> str:
    low, high = intervals.loc["accuracy"]
    return f"[{low:.1%}, {high:.1%}]"
