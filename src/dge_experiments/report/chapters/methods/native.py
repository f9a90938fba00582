"""The model's own importance on the page."""

from collections.abc import Iterator

import pandas as pd

from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.page.cells import in_words
from dge_experiments.report.page.page import Chart, Part

KINDS = {
    "coefficient": ("|log-odds per standard deviation|", "Size of the coefficients on scaled features."),
    "MDI": (
        "mean decrease in impurity",
        "How well splits on a feature separate the classes of the training genes. It favours features with many "
        "distinct values.",
    ),
    "gain": (
        "share",
        "Gain: how much splits on the feature improve the objective. Cover: how many training genes they separate.",
    ),
}


def parts(result: pd.DataFrame, context: Context) -> Iterator[Part]:
    """Bars of the importance that the fitted model reports."""
    kind = str(result["kind"].iloc[0])
    axis, reading = KINDS.get(kind, (kind, "The importance that the fitted model reports."))
    yield Chart(
        f"The model's own importance ({kind})",
        reading,
        draw.importance(result, axis),
        f"Bars of {axis}: {in_words(result, 'importance')}",
        result.drop(columns="kind"),
    )
