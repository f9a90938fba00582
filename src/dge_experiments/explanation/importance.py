"""Importance of each feature: the model's own, and by permutation on held-out genes."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.pipeline import Pipeline


def native(model: Pipeline, features: list[str]) -> pd.DataFrame | None:
    """The fitted model's own importance; None for a model that has none (a radial SVM, the dummy).

    Impurity decrease (MDI) of a forest: Breiman 2001, doi:10.1023/A:1010933404324. Gain of boosted trees: Chen &
    Guestrin 2016, doi:10.1145/2939672.2939785. Of a linear model the coefficients on scaled features, in log-odds
    per standard deviation; of more than two classes the mean of their absolute values.

    Returns
    -------
    rows are features, in the order given: feature, importance (>= 0), share (sums to 1, or all 0), kind, and
    coefficient (signed, linear models of two classes only)
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
    return frame if coefficient is None else frame.assign(coefficient=coefficient)


def permutation(
    model: Pipeline, X: pd.DataFrame, y: npt.NDArray[np.int64], scoring: str, seed: int, repeats: int = 10
) -> pd.DataFrame:
    """How much ``scoring`` drops when one feature's values are shuffled over the genes of ``X``.

    Breiman 2001, doi:10.1023/A:1010933404324; Fisher, Rudin & Dominici 2019, jmlr.org/papers/v20/18-760.html.

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,): genes that the model has not been fitted on

    Returns
    -------
    rows are features: feature, importance (mean drop), std (over ``repeats`` shuffles), scoring
    """
    name = "matthews_corrcoef" if scoring == "mcc" else scoring
    result = permutation_importance(model, X, y, scoring=name, n_repeats=repeats, random_state=seed)
    return pd.DataFrame(
        {
            "feature": list(X.columns),
            "importance": result.importances_mean,
            "std": result.importances_std,
            "scoring": scoring,
        }
    )
