"""Importance of each feature: the model's own, and by permutation on held-out genes."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.search.prediction import predict

RESAMPLES = 200
CELLS = 200_000  # counts held at a time


def native(model: Pipeline, features: list[str]) -> pd.DataFrame | None:
    """The fitted model's own importance; None for a model that has none (a radial SVM, the dummy).

    Impurity decrease (MDI) of a forest: Breiman 2001, doi:10.1023/A:1010933404324. Gain (how much a split on the
    feature improved the objective) and cover (how many training genes such a split parts, weighted by how unsure
    they still are) of boosted trees, means over splits: Chen & Guestrin 2016, doi:10.1145/2939672.2939785. Of a
    linear model the coefficients on scaled features, in log-odds per standard deviation; of more than two classes
    the mean of their absolute values.

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


def _cover(booster: Any, features: int) -> npt.NDArray[np.float64]:
    """Mean cover of the splits on each feature, as shares; 0 for a feature that no tree splits on."""
    found = booster.get_score(importance_type="cover")
    names = booster.feature_names or [f"f{k}" for k in range(features)]
    cover = np.array([found.get(name, 0.0) for name in names], dtype=np.float64)
    shares: npt.NDArray[np.float64] = cover / max(cover.sum(), np.finfo(np.float64).tiny)
    return shares


def permutation(
    model: Pipeline, X: pd.DataFrame, y: npt.NDArray[np.int64], scoring: str, seed: int, repeats: int = 10
) -> pd.DataFrame:
    """How much ``scoring`` drops when one feature's values are shuffled over the genes of ``X``.

    Breiman 2001, doi:10.1023/A:1010933404324; Fisher, Rudin & Dominici 2019, jmlr.org/papers/v20/18-760.html. The
    interval is a percentile bootstrap of 200 draws over the genes, within their classes, and over the shuffles:
    how far the drop may be off for this fitted model on other genes (Efron 1979, doi:10.1214/aos/1176344552).

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,): genes that the model has not been fitted on
    scoring : one of ``evaluation.metrics.REGISTRY``
    repeats : shuffles of each feature

    Returns
    -------
    rows are features: feature, importance (mean drop over the shuffles), low, high (95 %), scoring, genes (how many)
    """
    rng = np.random.default_rng(seed)
    counts, draws = _resamples(y, rng), rng.integers(repeats, size=(RESAMPLES, repeats))
    whole = np.ones((1, len(y)))

    def scored(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
        """The score on all genes, then on each resample; shape (1 + RESAMPLES,)."""
        score = REGISTRY[scoring].statistic(y, predict(model, rows))
        step = max(1, CELLS // len(y))
        return np.concatenate(
            [score(whole), *(score(counts[k : k + step].astype(float)) for k in range(0, RESAMPLES, step))]
        )

    intact = scored(X)
    found = []
    for feature in X.columns:
        values = X[feature].to_numpy()
        drops = np.stack(
            [intact - scored(X.assign(**{feature: rng.permutation(values)})) for _ in range(repeats)]
        )
        resampled_drops = drops[draws, np.arange(1, RESAMPLES + 1)[:, None]].mean(axis=1)
        low, high = np.quantile(resampled_drops, [0.025, 0.975])
        found.append((feature, drops[:, 0].mean(), low, high, scoring, len(y)))
    return pd.DataFrame(found, columns=["feature", "importance", "low", "high", "scoring", "genes"])


def _resamples(y: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """How often each gene is drawn (of 256 genes or more practically never 256 times), each class keeping its size;
    shape (RESAMPLES, genes)."""
    counts = np.empty((RESAMPLES, len(y)), np.uint8)
    for code in np.unique(y):
        members = np.flatnonzero(y == code)
        for row in counts:
            row[members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)))
    return counts
