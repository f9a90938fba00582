"""The chapter on which statistics carry the decision."""

from collections.abc import Iterator

import pandas as pd

from dge_experiments.errors import listed
from dge_experiments.explanation.agreement import Agreement
from dge_experiments.explanation.explain import Explanation
from dge_experiments.explanation.methods import methods
from dge_experiments.report.chapters.methods import Context, parts
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.page.cells import in_words
from dge_experiments.report.page.page import Chapter, Chart, Grid, Note, Part

TIERS = {
    "defines_label": "defines the label",
    "encodes_label": "encodes the label",
    "leaks_together": "leaks together",
    "carries_label": "nearly answers",
}


def chapter(explanation: Explanation, context: Context) -> Chapter:
    """The leak audit, then every chosen method, each with a line on how to read it."""
    return Chapter("decision", "Which statistics carry the decision", "", list(_parts(explanation, context)))


def _parts(explanation: Explanation, context: Context) -> Iterator[Part]:
    problem = context.problem
    yield _audit(problem.audit.tiers, list(problem.X.columns))
    if explanation.agreement:
        yield from _agreement(explanation.agreement)
    decision_methods = [method for method in methods() if method.chapter == "decision"]
    sampled = [m.title for m in decision_methods if m.sampled and m.name in explanation.found]
    if explanation.sample and sampled:
        yield Note("A sample", f"{listed(sampled)}: computed on {explanation.sample}.")
    for method in decision_methods:
        if method.name in explanation.found:
            yield from parts(method, explanation.found[method.name], context)
        elif method.name in explanation.skipped:
            yield Note(method.title, explanation.skipped[method.name])


def _audit(audit: pd.DataFrame, used: list[str]) -> Grid:
    frame = pd.DataFrame(
        {
            "feature": audit["feature"],
            "used here": audit["feature"].isin(used),
            "finding": audit["tier"].replace(TIERS),
            "balanced accuracy, alone": audit["balanced_accuracy"],
            "reason": audit["reason"],
        }
    )
    reading = "What each statistic reveals about the label, checked before any model is trained."
    return Grid("Leak audit", reading, frame, wide=True)


def _agreement(agreement: Agreement) -> Iterator[Part]:
    if agreement.caution:
        yield Note("A caution", agreement.caution)
    yield Chart(
        "Do the methods agree?",
        f"Ranks; 1 is the most important. {agreement.note}",
        draw.ranks(agreement.ranks),
        "Ranks of the features by each method: " + in_words(agreement.ranks, "mean_rank", "mean rank"),
        agreement.ranks,
    )
