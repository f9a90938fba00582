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


def parts(result: ShapValues, context: Context) -> Iterator[Part]:
    """One strip plot for each class, or only for the second of two."""
    if result.contributions.empty:
        yield Note("SHAP values", result.note)
        return
    codes = list(dict.fromkeys(result.contributions["class"]))
    for code in codes:
        importance = result.importance[result.importance["class"] == code]
        of = f", class {context.problem.labels.classes[int(code)]}" if len(codes) > 1 else ""
        yield Chart(
            f"SHAP values{of}",
            f"One point for each gene: how far the feature moves its score from the mean. {result.note}",
            draw.shap_strip(points(result, int(code)), result.unit),
            f"SHAP values{of}, mean absolute contribution: {in_words(importance, 'importance')}",
            importance.drop(columns="class"),
        )


def points(result: ShapValues, code: int, most: int = MOST_POINTS) -> pd.DataFrame:
    """Points of the strip plot of class ``code``: columns ``feature`` (most important first), ``gene``, ``value``,
    ``contribution``, ``rank`` (of the value, 0 to 1), ``place`` (row of the feature, spread by density).
    """
    order = result.importance.loc[result.importance["class"] == code, "feature"].tolist()
    of_class = result.contributions[result.contributions["class"] == code]
    rows = of_class["row"].unique()
    sampled_rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)]
    features = []
    for at, feature in enumerate(order):
        feature_rows = of_class[
            of_class["row"].isin(sampled_rows) & (of_class["feature"] == feature)
        ].sort_values("row")
        rank = (feature_rows["value"].rank() - 1) / max(len(feature_rows) - 1, 1)
        features.append(feature_rows.assign(rank=rank, place=at + _offsets(feature_rows["contribution"])))
    strip: pd.DataFrame = pd.concat(features, ignore_index=True)
    return strip


def _offsets(values: pd.Series, bins: int = 60, half: float = 0.38) -> pd.Series:
    """Offsets that separate crowded values: within a bin, points alternate outwards from the middle."""
    crowd = values.groupby(pd.cut(values, bins, labels=False) if values.nunique() > 1 else 0 * values)
    place = crowd.cumcount()
    step: pd.Series = ((place + 1) // 2) * (-1.0) ** place
    return step * (half / max(float(step.abs().max()), 1.0))
