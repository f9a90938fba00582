"""Principal components without the label sources on the page."""

from collections.abc import Iterator

from dge_experiments.explanation.methods.pca import Shape
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.chapters.methods.pca import component_charts
from dge_experiments.report.page.page import Part


def parts(result: Shape, context: Context) -> Iterator[Part]:
    """Components of the features that are not label sources."""
    yield from component_charts(result, context, "without the label sources")
