"""The chapter on the genes themselves: volcano, MA plot, who was misclassified."""

from collections.abc import Iterator

import numpy as np

from dge_experiments.report.figures.genes import cloud
from dge_experiments.report.genes import Genes, listed
from dge_experiments.report.page.page import Chapter, Chart, Grid, Part

SMALLEST_P = 1e-300


def chapter(genes: Genes) -> Chapter:
    """Each gene of the table, with the misclassified and the top-scored held-out ones marked."""
    return Chapter(
        "genes",
        "Genes",
        f"Crosses: misclassified held-out genes; rings: the highest scores. {genes.note}".strip(),
        list(_parts(genes)),
        searchable=True,
    )


def _parts(genes: Genes) -> Iterator[Part]:
    points = genes.frame
    counts = ", ".join(f"{n:,} {c}" for c, n in points["class"].value_counts().items())
    wrong = int((points["marked"] == "misclassified").sum())
    described = f"{len(points):,} genes ({counts}), {wrong} held-out ones marked as misclassified."
    if {"logFC", "P.Value"} <= set(points):
        volcano = points.assign(significance=-np.log10(points["P.Value"].clip(lower=SMALLEST_P)))
        yield Chart(
            "Volcano plot",
            "Right: higher expression in the first group. Up: smaller P value. Crosses show where the model is wrong.",
            cloud(volcano, "logFC", "significance", "log2 fold change", "−log10 P.Value", genes.numbers),
            f"Volcano plot of {described}",
        )
    if {"logFC", "AveExpr"} <= set(points):
        yield Chart(
            "MA plot",
            "Average expression against fold change. Without bias the cloud is centred on zero at every expression.",
            cloud(points, "AveExpr", "logFC", "average log2 expression", "log2 fold change", genes.numbers),
            f"MA plot of {described}",
        )
    for title, mark, reading in (
        (
            "Misclassified genes",
            "misclassified",
            "Held-out genes whose predicted class is wrong, at most 50.",
        ),
        ("Highest scores", "top score", "Held-out genes with the highest score."),
    ):
        frame = listed(genes.frame, mark)
        if len(frame):
            yield Grid(title, reading, frame, genes=True, wide=True)
