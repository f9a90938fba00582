"""Stability selection on the page."""

from collections.abc import Iterator

from dge_experiments.errors import listed
from dge_experiments.explanation.methods.stability import Stability
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.figures import paths
from dge_experiments.report.page.cells import in_words
from dge_experiments.report.page.page import Chart, Part


def parts(result: Stability, context: Context) -> Iterator[Part]:
    """Selection frequencies against C."""
    stable = result.features.loc[result.features["stable"], "feature"].tolist()
    yield Chart(
        "Stability selection",
        f"Stable: {listed(stable) or 'none'}. {result.note} Shaded: where that bound holds.",
        paths.stability_path(result.path, result.region, result.threshold),
        f"Selection frequencies: {in_words(result.features, 'frequency')}",
        result.features,
    )
