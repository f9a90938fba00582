"""SHAP values on the page."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dge_experiments.explanation.methods.shap import ShapValues
from dge_experiments.report.chapters.methods import Context
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.page.cells import in_words
from dge_experiments.report.page.page import Chart, Note, Part

MOST_POINTS = 800


def parts(found: ShapValues, context: Context) -> Iterator[Part]:
    """One strip plot for each class, or for the second of two."""
    if found.contributions.empty:
        yield Note("SHAP values", found.note)
        return
    codes = list(dict.fromkeys(found.contributions["class"]))
    for code in codes:
        importance = found.importance[found.importance["class"] == code]
        of = f", class {context.problem.labels.classes[int(code)]}" if len(codes) > 1 else ""
        yield Chart(
            f"SHAP values{of}",
            f"One point for each gene: how far the feature moves its score from the mean. {found.note}",
            draw.shap_strip(points(found, int(code)), found.unit),
            f"SHAP values{of}, mean absolute contribution: {in_words(importance, 'importance')}",
            importance.drop(columns="class"),
        )


def points(found: ShapValues, code: int, most: int = MOST_POINTS) -> pd.DataFrame:
    """Points of the strip plot of class ``code``: columns ``feature`` (most important first), ``gene``, ``value``,
    ``contribution``, ``rank`` (of the value, 0 to 1), ``place`` (row of the feature, spread by density).
    """
    order = found.importance.loc[found.importance["class"] == code, "feature"].tolist()
    of_class = found.contributions[found.contributions["class"] == code]
    rows = of_class["row"].unique()
    drawn = rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)]
    features = []
    for at, feature in enumerate(order):
        each = of_class[of_class["row"].isin(drawn) & (of_class["feature"] == feature)].sort_values("row")
        rank = (each["value"].rank() - 1) / max(len(each) - 1, 1)
        features.append(each.assign(rank=rank, place=at + _spread(each["contribution"])))
    drawn_points: pd.DataFrame = pd.concat(features, ignore_index=True)
    return drawn_points


def _spread(values: pd.Series, bins: int = 60, half: float = 0.38) -> pd.Series:
    """Offsets that give crowded values room: within a bin points alternate outwards from the middle."""
    crowd = values.groupby(pd.cut(values, bins, labels=False) if values.nunique() > 1 else 0 * values)
    place = crowd.cumcount()
    step: pd.Series = ((place + 1) // 2) * (-1.0) ** place
    return step * (half / max(float(step.abs().max()), 1.0))
