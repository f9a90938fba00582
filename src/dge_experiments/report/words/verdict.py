"""The wording of verdicts: how good a score is, in plain sentences."""

from collections.abc import Sequence

import pandas as pd

from dge_experiments.errors import listed
from dge_experiments.evaluation.adjustment import Adjustment
from dge_experiments.evaluation.bias_corrected import BiasCorrected
from dge_experiments.evaluation.gain import Gain
from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.metrics import title
from dge_experiments.evaluation.nested import Nested
from dge_experiments.evaluation.permutation import Null
from dge_experiments.evaluation.rankings import Ranked
from dge_experiments.problem.problem import HONEST
from dge_experiments.problem.split import Split
from dge_experiments.report.page.cells import number, percent
from dge_experiments.search.study import Study


def earned(test: HeldOut, scoring: str) -> str:
    """The score where no feature is a label source, with the constant answer's."""
    metrics = dict.fromkeys((scoring if scoring != "accuracy" else "mcc", "balanced_accuracy"))
    scores = " and ".join(f"{title(m)} {_with_constant(test, m)}" for m in metrics)
    return f"On {len(test.y):,} held-out genes: {scores}."


def tuned_on(study: Study, split: Split) -> str:
    """The note on a cross-validated score of chosen parameters; "" where none were chosen."""
    if len(study.finished) < 2:
        return ""
    return f"tuned on these {'folds' if split.cv_folds is split.folds else 'genes'}"


def cross_validated(
    corrected: BiasCorrected, scoring: str, tuned: str, sources: Sequence[str], reading: str
) -> str:
    """The cross-validated score, corrected for the selection and uncorrected; ``tuned`` is from ``tuned_on``."""
    score = f"{title(scoring)} {number(corrected.score)} [{number(corrected.low)}, {number(corrected.high)}]"
    of = _features(reading, sources)
    if corrected.candidates == 1:
        return f"Cross-validation{of}: {score}, of one candidate."
    with_luck = f"{tuned} {number(corrected.score + corrected.optimism)}, the best of {corrected.candidates}"
    return f"Bias-corrected cross-validation{of}: {score}; {with_luck}."


def honest(
    sources: Sequence[str], test_as_given: HeldOut, test: HeldOut | None, features: Sequence[str]
) -> str:
    """The honest score, without the label sources, and the constant answer's; ``features`` are those it is made
    with."""
    without = f"Honest score, without {listed(sources)}"
    chance = test_as_given.baseline["balanced_accuracy"]
    if test is None:
        why = "no candidate could be fitted" if features else "no feature is left"
        return f"{without}: {why}; the constant answer has a balanced accuracy of {chance:.3f}."
    above = bool(test.intervals["low"]["balanced_accuracy"] > chance)
    worth = "above the constant answer" if above else "not above the constant answer"
    return (
        f"{without}: balanced accuracy {with_limits(test, 'balanced_accuracy')}, {worth} ({chance:.3f}); "
        f"ROC AUC {with_limits(test, 'roc_auc')}."
    )


def searched_again(study: Study, sources: Sequence[str]) -> str:
    """Trials and time of the honest score's own search."""
    made, planned = len(study.trials), study.planned
    trials = f"{made} of {planned} trials" if made < planned else f"{made} trial{'s' if made > 1 else ''}"
    return f"The honest score has its own search, without {listed(sources)}: {trials}, {study.seconds:.1f} s."


def same_parameters(sources: Sequence[str]) -> str:
    """A note that the honest score had no search of its own."""
    return (
        f"The honest score is of the parameters that were chosen with {listed(sources)} (leak.search=same)."
    )


RANKED_BY = {
    "logFC": "|logFC|",
    "t": "|t|",
    "ranks_added": "the ranks of |logFC| and P.Value added",
    "product": "|logFC| times -log10 P.Value",
    "expected": "the chance to replicate, estimated from the table",
}


def over_ranking(ranked: Ranked, gain: Gain) -> str:
    """Whether the model beats the best order of the genes by one statistic."""
    by = RANKED_BY.get(ranked.by, ranked.by)
    comparison = f"{title(gain.metric)} {gain.text} beside {ranked.test[gain.metric]:.3f}"
    if gain.better:
        return f"The model orders genes better than {by} does: {comparison}."
    return f"No gain over the order by {by}: {comparison}."


def followed_up(first: pd.Series) -> str:
    """How many of the held-out genes with the highest probability replicated, and how many the model predicted."""
    return (
        f"Of the {first['top']:,.0f} held-out genes of the highest probability, {first['held_up']:,.0f} held up "
        f"[{first['low']:.0%}, {first['high']:.0%}]; the model promised {first['promised']:,.1f}."
    )


def shuffled(null: Null, sources: Sequence[str]) -> str:
    """The p-value of the score among scores of shuffled labels, and the features of both."""
    of = _features(null.reading, sources)
    return f"Against {len(null.scores)} shuffled labellings{of}: p = {null.p_value:.3g}."


def in_outer_folds(nested: Nested, sources: Sequence[str]) -> str:
    """The score of the search in outer folds, and its features."""
    of = _features(nested.reading, sources)
    return (
        f"Nested cross-validation{of}: {number(nested.score)} in outer folds; the tuned score is "
        f"{abs(nested.optimism):.3f} too {'high' if nested.optimism > 0 else 'low'}."
    )


def not_possible(what: str, sources: Sequence[str]) -> str:
    """That the whole search could not be made again, on the features of the honest reading where there is one."""
    return (
        f"{what}{_features(HONEST, sources)}: not possible, no candidate could be fitted in one of its parts."
    )


def _features(reading: str, sources: Sequence[str]) -> str:
    if not sources:
        return ""
    return f", {'without' if reading == HONEST else 'as given, with'} {listed(sources)}"


def right(model: str, test: HeldOut) -> str:
    """The number of genes that the model predicts correctly, always with that of the constant answer."""
    low, high = _limits(test, "accuracy")
    genes = len(test.y)
    correct, constant = (round(scores["accuracy"] * genes) for scores in (test.scores, test.baseline))
    return (
        f"{model} is right for {correct:,} of {genes:,} held-out genes "
        f"({percent(correct / genes)} [{percent(low)}, {percent(high)}]); the constant answer, always the most "
        f"frequent class, is right for {constant:,} ({percent(constant / genes)})."
    )


def as_given(test: HeldOut, scoring: str) -> str:
    """The score with the label sources, and the constant answer's."""
    also = "mcc" if scoring in ("accuracy", "balanced_accuracy") else scoring
    scores = "; ".join(f"{title(m)} {_with_constant(test, m)}" for m in ("balanced_accuracy", also))
    return f"As given: {scores}."


def sampled(model: str, rows: int, of: int, final: str) -> str:
    """A sentence on a search that used a sample of the training genes."""
    last = "fitted on all of them" if final == "all" else "fitted on the same sample"
    return f"{model} was tuned on a stratified sample of {rows:,} of the {of:,} training genes, and {last}."


def adjusted(chosen: Adjustment) -> str:
    """The calibration and the threshold of the scored model; "" where it has neither."""
    parts = []
    if chosen.method != "none":
        parts.append(f"probabilities calibrated ({chosen.method})")
    if chosen.chosen_by:
        parts.append(f"the threshold {chosen.threshold:.3g}, chosen for {title(chosen.chosen_by)}")
    if not parts:
        return ""
    return (
        f"Scores, cross-validated and held out, are of the model with {listed(parts)} on out-of-fold answers."
    )


def small(test: HeldOut) -> str:
    """A warning where a class has few held-out genes; "" where none has."""
    if not test.small:
        return ""
    counts = test.per_class.set_index("class")["genes"]
    which = ", ".join(f"{counts[name]} of class {name}" for name in test.small)
    return f"The held-out part is too small for a firm conclusion: it has only {which}."


def _with_constant(test: HeldOut, metric: str) -> str:
    return f"{with_limits(test, metric)} (constant answer {number(test.baseline[metric])})"


def with_limits(test: HeldOut, metric: str) -> str:
    """A score with its 95 % interval, where there is one."""
    low, high = _limits(test, metric)
    limits = f" [{number(low)}, {number(high)}]" if low == low else ""
    return f"{number(test.scores[metric])}{limits}"


def _limits(test: HeldOut, metric: str) -> tuple[float, float]:
    limits = test.intervals.astype(float)
    return limits.at[metric, "low"], limits.at[metric, "high"]  # type: ignore[return-value]
