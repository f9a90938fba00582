"""Exact SHAP values of a support vector machine with a radial kernel, which is a product over features."""

from functools import reduce
from itertools import chain, combinations
from math import comb
from typing import Any

import numpy as np
from sklearn.svm import SVC

from dge_experiments.explanation.inputs import Floats

MOST_FEATURES = 10


def is_radial(estimator: Any, features: int) -> bool:
    """Whether :func:`radial_svm` can explain it: a radial kernel, two classes, at most 10 features."""
    radial = isinstance(estimator, SVC) and estimator.kernel == "rbf"
    return bool(radial and len(estimator.classes_) == 2 and features <= MOST_FEATURES)


def radial_svm(estimator: Any, scaled: Floats, reference: Floats) -> tuple[Floats, float]:
    """Shapley values of the decision value; features outside a coalition take the values of each ``reference`` gene.

    Where a gene takes the features S from x and the others from r, its kernel is ``prod_S k(x_j) * prod_rest k(r_j)``.
    So the mean over ``reference`` is computed once for each coalition and support vector, not for each gene (Chau et
    al. 2022, RKHS-SHAP, arXiv:2110.09167).

    Parameters
    ----------
    estimator : fitted; :func:`is_radial` is true for it
    scaled : genes to explain, shape (genes, features), on the scale the estimator was fitted on
    reference : genes that the contributions are relative to, same columns

    Returns
    -------
    Contributions, shape (genes, features), and the mean decision value of ``reference``
    """
    vectors, weights, p = estimator.support_vectors_, estimator.dual_coef_[0], scaled.shape[1]
    gene_kernels, reference_kernels = (
        _kernels(rows, vectors, estimator._gamma) for rows in (scaled, reference)
    )
    features = set(range(p))

    def value(coalition: tuple[int, ...]) -> Floats:
        outside = _product(reference_kernels, sorted(features.difference(coalition))).mean(axis=0)
        total: Floats = _product(gene_kernels, coalition) @ (weights * outside) + estimator.intercept_[0]
        return total

    coalitions = chain.from_iterable(combinations(range(p), size) for size in range(p + 1))
    values = {coalition: value(coalition) for coalition in coalitions}
    contributions = np.zeros_like(scaled)
    for coalition, before in values.items():
        share = 1 / (p * comb(p - 1, len(coalition))) if len(coalition) < p else 0.0
        for feature in features.difference(coalition):
            after = values[tuple(sorted((*coalition, feature)))]
            contributions[:, feature] += share * (after - before)
    return contributions, float(values[()][0])


def _kernels(rows: Floats, vectors: Floats, gamma: float) -> list[Floats]:
    """The kernel's factor of each feature, each of shape (rows, support vectors)."""
    columns = zip(rows.T, vectors.T, strict=True)
    return [np.exp(-gamma * (row[:, None] - vector) ** 2) for row, vector in columns]


def _product(factors: list[Floats], features: Any) -> Floats:
    return reduce(np.multiply, (factors[j] for j in features), np.ones_like(factors[0]))
