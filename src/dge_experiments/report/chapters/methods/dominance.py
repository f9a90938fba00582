"""Dominance analysis on the page."""

from collections.abc import Iterator

import pandas as pd

from dge_experiments.errors import listed
from dge_experiments.explanation.methods.dominance import Dominance
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.figures import paths
from dge_experiments.report.page.cells import in_words
from dge_experiments.report.page.page import Chart, Part

NEEDED = 0.01  # R² added to all the others


def parts(result: Dominance, context: Context) -> Iterator[Part]:
    """General dominance, which feature dominates which, and conditional dominance."""
    needed = result.general.loc[result.general["last"] >= NEEDED, "feature"].tolist()
    adds = "No single feature is necessary: the others replace it."
    if needed:
        adds = f"Only {listed(needed)} still {'adds' if len(needed) == 1 else 'add'} something to all the others."
    yield Chart(
        "Dominance analysis",
        f"General dominance divides R² = {result.full_r2:.3f} of the full model among the features. {adds} "
        f"{result.note}",
        draw.dominance(result.general),
        f"General dominance: {in_words(result.general, 'general')}",
        result.general,
    )
    senses = strongest(result.pairs, result.general.set_index("feature")["general"])
    wins = {str(row): int((senses.loc[row] == "complete").sum()) for row in senses.index}
    yield Chart(
        "Who dominates whom",
        "Row over column. Complete: adds at least as much to every model without the two. Conditional: to models of "
        "each size on average. General: over all sizes on average. Blank: none of these, or the row's feature adds "
        "nothing.",
        draw.dominates(senses),
        "Complete dominance: " + ", ".join(f"{feature} over {n} others" for feature, n in wins.items()),
        senses.rename_axis("feature").reset_index(),
    )
    yield Chart(
        "Conditional dominance",
        "What a feature adds to models with so many other features. A line that falls to 0: the others replace it.",
        paths.conditional_dominance(result.conditional),
        "Mean R² added by each feature against the number of features already in the model.",
        result.conditional.pivot(index="feature", columns="size", values="contribution")
        .rename(columns=lambda size: f"{size} others")
        .reset_index(),
    )


def strongest(pairs: pd.DataFrame, general: pd.Series) -> pd.DataFrame:
    """Rows and columns are features: the strongest sense in which the row's feature dominates the column's, or "".

    ``general``: feature -> general dominance; a feature below 0.01 dominates none.
    """
    order = list(general.index)
    senses = pd.Series("", index=pairs.index)
    for sense in ("general", "conditional", "complete"):
        senses[pairs[sense] & (pairs["feature"].map(general) >= NEEDED)] = sense
    wide = pairs.assign(sense=senses).pivot(index="feature", columns="other", values="sense")
    return wide.reindex(index=order, columns=order).fillna("")
