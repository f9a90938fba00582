"""The fitted model's own importance of each feature."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from dge_experiments.explanation.inputs import Floats
from dge_experiments.explanation.method import Method, Subject


def native(model: Pipeline, features: list[str]) -> pd.DataFrame | None:
    """The fitted model's own importance; None for a model that has none (a radial SVM, the dummy).

    Impurity decrease (MDI) of a forest: Breiman 2001, doi:10.1023/A:1010933404324. Gain (how much a split on the
    feature improves the objective) and cover (the training genes that reach such a split, weighted by the second
    derivative of the loss) of boosted trees, means over splits: Chen & Guestrin 2016, doi:10.1145/2939672.2939785.
    For a linear model, the coefficients on scaled features, in log-odds per standard deviation; for more than two
    classes, the mean of their absolute values.

    Returns
    -------
    rows are features, in the order given: feature, importance (>= 0), share (sums to 1, or all 0), kind, and
    coefficient (signed, linear models of two classes only) or cover (share of it, boosted trees only)
    """
    estimator: Any = model[-1]
    coefficient = None
    if hasattr(estimator, "coef_"):
        kind, importance = "coefficient", np.abs(estimator.coef_).mean(axis=0)
        coefficient = estimator.coef_[0] if len(estimator.coef_) == 1 else None
    elif hasattr(estimator, "feature_importances_"):
        kind = "gain" if hasattr(estimator, "get_booster") else "MDI"
        importance = np.asarray(estimator.feature_importances_, dtype=np.float64)
    else:
        return None
    total = importance.sum()
    frame = pd.DataFrame(
        {
            "feature": features,
            "importance": importance,
            "share": importance / total if total > 0 else importance,
            "kind": kind,
        }
    )
    if kind == "gain":
        return frame.assign(cover=_cover(estimator.get_booster(), len(features)))
    return frame if coefficient is None else frame.assign(coefficient=coefficient)


def _cover(booster: Any, features: int) -> Floats:
    """Mean cover of the splits on each feature, as shares; 0 for a feature that no tree splits on."""
    by_feature = booster.get_score(importance_type="cover")
    names = booster.feature_names or [f"f{k}" for k in range(features)]
    cover = np.array([by_feature.get(name, 0.0) for name in names], dtype=np.float64)
    shares: Floats = cover / max(cover.sum(), np.finfo(np.float64).tiny)
    return shares


def _run(subject: Subject) -> pd.DataFrame | None:
    return native(subject.pipeline, list(subject.X.columns))


METHOD = Method(
    name="native",
    title="The model's own importance",
    run=_run,
    frames=lambda result: {"importance/native.csv": result},
    place=20,
    importance=lambda result: {str(result["kind"].iloc[0]): result.set_index("feature")["importance"]},
    always=True,
)
