"""Principal components on the page."""

from collections.abc import Iterator, Sequence

import pandas as pd

from dge_experiments.explanation.methods.pca import Shape
from dge_experiments.explanation.separation import Separation
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.figures.genes import cloud
from dge_experiments.report.page.cells import in_words
from dge_experiments.report.page.page import Chart, Part


def parts(result: Shape, context: Context) -> Iterator[Part]:
    """Components of all features."""
    yield from component_charts(result, context, "all features")


def component_charts(shape: Shape, context: Context, of: str) -> Iterator[Part]:
    """Genes along the first two components, loadings, and the variance of each component; ``of`` names the features."""
    pca, separation, genes, classes = (
        shape.components,
        shape.separation,
        context.genes,
        context.problem.labels.classes,
    )
    explained = pca.variance["explained"]
    numbers = "; ".join(
        f"{row['component']} separates {classes[int(row['class'])]} from the rest with AUC {row['auc']:.2f}"
        for _, row in separation.auc.iterrows()
    )
    silhouette = separation.silhouette.iloc[-1]
    if len(explained) > 1:
        points = genes.frame.assign(**pca.scores[["PC1", "PC2"]].iloc[genes.frame.index])
        yield Chart(
            f"Genes along PC1 and PC2, {of}",
            f"{numbers}; silhouette {silhouette['silhouette']:.2f} (1: far apart, 0: mixed).",
            cloud(
                points,
                "PC1",
                "PC2",
                f"PC1 ({explained[0]:.0%} of variance)",
                f"PC2 ({explained[1]:.0%})",
                genes.numbers,
            ),
            f"Genes along PC1 and PC2 of {of}. {numbers}.",
            separated(separation, classes),
        )
    yield Chart(
        f"Loadings, {of}",
        "The weight of each statistic in a component. The sign only says in which direction the axis points.",
        draw.loadings(pca.loadings),
        "Loadings on PC1: " + in_words(pca.loadings, "PC1"),
        pca.loadings,
    )
    if len(explained) > 1:
        yield Chart(
            f"Variance explained, {of}",
            "How many independent components the statistics have.",
            draw.scree(pca.variance),
            "Share of variance: "
            + ", ".join(f"{r['component']} {r['explained']:.1%}" for _, r in pca.variance.iterrows()),
            pca.variance,
        )


def separated(separation: Separation, classes: Sequence[str]) -> pd.DataFrame:
    """Rows are components, and all together: silhouette, and AUC for each class against the rest."""
    auc = separation.auc.assign(
        **{"class": [f"AUC of {classes[int(code)]}" for code in separation.auc["class"]]}
    )
    wide = auc.pivot(index="component", columns="class", values="auc")
    return separation.silhouette.set_index("space").join(wide).rename_axis("component").reset_index()
