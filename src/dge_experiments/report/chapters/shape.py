"""The chapter on the shape of the table: principal components, and how far the classes lie apart in them."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import pandas as pd

from dge_experiments.explanation.pca import Components
from dge_experiments.explanation.separation import Separation
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.figures.genes import cloud
from dge_experiments.report.genes import Genes
from dge_experiments.report.page.cells import number, told
from dge_experiments.report.page.page import Chapter, Chart, Part


def chapter(
    pca: Components,
    separation: Separation,
    honest: Components | None,
    apart: Separation | None,
    genes: Genes,
    classes: Sequence[str],
) -> Chapter:
    """Principal components of all features, and of those that are no source of the label."""
    parts = list(_components(pca, separation, genes, "all features", classes))
    if honest is not None and apart is not None:
        others = list(_components(honest, apart, genes, "without the label's sources", classes))
        parts = [part for pair in zip_longest(parts, others) for part in pair if part]
    return Chapter(
        "Shape of the table",
        "Principal components of the scaled statistics: whether the classes lie apart before any model is fitted.",
        parts,
    )


def _components(
    pca: Components, apart: Separation, genes: Genes, of: str, classes: Sequence[str]
) -> Iterator[Part]:
    explained = pca.variance["explained"]
    numbers = "; ".join(
        f"{row['component']} tells {classes[int(row['class'])]} from the rest with AUC {row['auc']:.2f}"
        for _, row in apart.auc.iterrows()
    )
    silhouette = apart.silhouette.iloc[-1]
    if len(explained) > 1:
        points = genes.frame.assign(**pca.scores[["PC1", "PC2"]].iloc[genes.frame.index])
        yield Chart(
            f"Genes along PC1 and PC2, {of}",
            f"{numbers}; silhouette {number(silhouette['silhouette'])} (1: far apart, 0: mixed).",
            cloud(
                points,
                "PC1",
                "PC2",
                f"PC1 ({explained[0]:.0%} of variance)",
                f"PC2 ({explained[1]:.0%})",
                genes.numbers,
            ),
            f"Genes along PC1 and PC2 of {of}. {numbers}.",
            separated(apart, classes),
        )
    yield Chart(
        f"Loadings, {of}",
        "How much of each statistic goes into a component; the sign only says which way the axis points.",
        draw.loadings(pca.loadings),
        "Loadings on PC1: " + told(pca.loadings, "PC1"),
        pca.loadings,
    )
    if len(explained) > 1:
        yield Chart(
            f"Variance explained, {of}",
            "How many independent things the statistics tell.",
            draw.scree(pca.variance),
            "Share of variance: "
            + ", ".join(f"{r['component']} {r['explained']:.1%}" for _, r in pca.variance.iterrows()),
            pca.variance,
        )


def separated(apart: Separation, classes: Sequence[str]) -> pd.DataFrame:
    """Rows are components, and all together: silhouette, and AUC for each class against the rest."""
    auc = apart.auc.assign(**{"class": [f"AUC of {classes[int(code)]}" for code in apart.auc["class"]]})
    wide = auc.pivot(index="component", columns="class", values="auc")
    return apart.silhouette.set_index("space").join(wide).rename_axis("component")
