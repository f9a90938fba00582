"""Permutation importance on the page."""

from collections.abc import Iterator

import pandas as pd

from dge_experiments.evaluation.metrics import title
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.page.cells import in_words
from dge_experiments.report.page.page import Chart, Part


def parts(result: pd.DataFrame, context: Context) -> Iterator[Part]:
    """Bars with their intervals."""
    name = title(context.scoring)
    yield Chart(
        "Permutation importance",
        f"Drop in {name} on {result['genes'].iloc[0]:,} held-out genes when a feature is shuffled. Whiskers: 95 % "
        "intervals over genes and shuffles. Features that carry the same information hide each other's importance.",
        draw.importance(result, f"drop in {name}"),
        f"Bars of the drop in {name}: {in_words(result, 'importance')}",
        result.drop(columns=["scoring", "genes"]),
    )
