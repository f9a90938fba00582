"""The chapter on the shape of the table: principal components, and how well they separate the classes."""

from itertools import zip_longest

from dge_experiments.explanation.explain import Explanation
from dge_experiments.explanation.methods import methods
from dge_experiments.report.chapters.methods import Context, parts
from dge_experiments.report.page.page import Chapter


def chapter(explanation: Explanation, context: Context) -> Chapter:
    """The methods that describe the whole table, with their parts side by side."""
    columns = [
        parts(method, explanation.found[method.name], context)
        for method in methods()
        if method.chapter == "shape" and method.name in explanation.found
    ]
    return Chapter(
        "shape",
        "Shape of the table",
        "Principal components of the scaled statistics: do the classes separate before any model is fitted?",
        [part for row in zip_longest(*columns) for part in row if part],
    )
