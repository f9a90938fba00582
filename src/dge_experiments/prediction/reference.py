"""What the training table looked like, and how far a new table's statistics lie from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

QUANTILES = np.linspace(0, 1, 21)
FAR = 0.2
INSIDE = 0.95
EDGE = 0.005
MOST = 100_000
RIDGE = 0.05

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Distance:
    """Attributes
    ----------
    features : rows are features: `feature`, `ks`, the largest distance between the two distribution functions, and
        `far`, whether it is above 0.2
    outside : share of the new genes whose statistics, taken together, are further from the centre than those of 95 %
        of the training genes
    """

    features: pd.DataFrame
    outside: float

    @property
    def far(self) -> bool:
        """Whether any feature is distributed far from the training table."""
        return bool(self.features["far"].any())

    @property
    def sentence(self) -> str:
        """The distance in plain words."""
        together = (
            f"{self.outside:.0%} of its genes lie beyond 95 % of the training genes in all features together"
        )
        if not self.far:
            return f"Its statistics are distributed as in training (largest distance {self._largest}); {together}."
        far = self.features[self.features["far"]]
        names = ", ".join(f"{name} {ks:.2f}" for name, ks in zip(far["feature"], far["ks"], strict=True))
        return (
            f"Its statistics lie far from the training table's (KS distance above {FAR:g}: {names}); {together}: "
            "probabilities may be off."
        )

    @property
    def _largest(self) -> str:
        first = self.features.sort_values("ks", ascending=False).iloc[0]
        return f"{first['feature']} {first['ks']:.2f}"


def reference(X: pd.DataFrame) -> dict[str, Any]:
    """What is stored with a model about its training genes (``X``: rows are genes).

    21 quantiles a feature, the inverse covariance of their normal scores, and the squared distance within which 95 % of
    the genes lie. A large table is thinned evenly first.
    """
    step = max(1, len(X) // MOST)
    values = X.iloc[::step].to_numpy(np.float64)
    quantiles = np.quantile(values, QUANTILES, axis=0)
    scores = _normal(values, quantiles)
    covariance = np.cov(scores, rowvar=False).reshape(X.shape[1], X.shape[1])
    inverse = np.linalg.inv(covariance + RIDGE * np.eye(len(covariance)))  # features may repeat each other
    within = float(np.quantile(_squared(scores, inverse), INSIDE))
    columns = {str(name): quantiles[:, j].tolist() for j, name in enumerate(X.columns)}
    return {"quantiles": columns, "inverse": inverse.tolist(), "within": within}


def distance(training: Mapping[str, Any], X: pd.DataFrame) -> Distance:
    """How far genes (rows of ``X``) lie from the training genes, feature by feature and together.

    Rows that are not finite in every feature are left out.
    """
    names = list(training["quantiles"])
    quantiles = np.column_stack([training["quantiles"][name] for name in names])
    values = X[names].to_numpy(np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    ks = [_ks(values[:, j], quantiles[:, j]) if len(values) else np.nan for j in range(len(names))]
    beyond = _squared(_normal(values, quantiles), np.asarray(training["inverse"])) > training["within"]
    frame = pd.DataFrame({"feature": names, "ks": ks})
    return Distance(
        frame.assign(far=frame["ks"] > FAR), float(beyond.mean()) if len(values) else float("nan")
    )


def _ks(values: Scores, quantiles: Scores) -> float:
    """Largest distance between the distribution functions of the values and of training, known at its quantiles."""
    ordered = np.sort(values)
    below, upto = (
        np.searchsorted(ordered, quantiles, side=side) / len(ordered) for side in ("left", "right")
    )
    least = np.array([QUANTILES[quantiles == q].min() for q in quantiles])
    most = np.array([QUANTILES[quantiles == q].max() for q in quantiles])
    gaps = np.maximum(np.maximum(below - most, least - upto), 0)
    return float(gaps.max())


def _normal(values: Scores, quantiles: Scores) -> Scores:
    """Normal scores of the values by their rank among the training quantiles, shape (genes, features)."""
    ranks = [
        np.interp(column, training, QUANTILES) for column, training in zip(values.T, quantiles.T, strict=True)
    ]
    return np.asarray(norm.ppf(np.clip(np.column_stack(ranks), EDGE, 1 - EDGE)))


def _squared(scores: Scores, inverse: npt.NDArray[np.floating]) -> Scores:
    return np.asarray(np.einsum("ij,jk,ik->i", scores, inverse, scores))
