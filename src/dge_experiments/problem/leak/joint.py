"""How much two or three columns tell about the label together: a small tree on them and on features made from them."""

from itertools import combinations

import numpy as np

from dge_experiments.problem.leak.quadratic import SCALES, class_shapes, log_densities
from dge_experiments.problem.leak.rule import FOLDS, Folds
from dge_experiments.problem.leak.score import Codes, Floats, Score, score
from dge_experiments.problem.leak.tree import grow, ordered

LEAVES = (2, 3, 4, 8, 16)


def joint_score(X: Floats, y: Codes, folds: Folds) -> Score:
    """Cross-validated score of the best small tree.

    The tree sees the columns; the sum, difference, product and ratio of any two; the product of three; and
    quadratic discriminants (fitted on the training genes) on normal scores and on logarithms. So it needs only one to
    four cuts for planes, cones, ellipsoids, boxes, products and ratios.

    Parameters
    ----------
    X : shape (genes, 2 or 3)
    y : shape (genes,), class codes from 0
    """
    exact = np.column_stack([ordered(column)[1] for column in _arithmetic(X)])
    scaled = [scale(X) for scale in SCALES]
    answers = np.empty((len(LEAVES), len(y)), dtype=np.int64)
    for number in range(FOLDS):
        train, test = folds.fitted & (folds.fold != number), folds.fold == number
        features = np.column_stack([exact, *(_discriminants(Z, y, train) for Z in scaled)]).astype(np.float32)
        tree = grow(features[train], y[train], LEAVES[-1])
        for k, leaves in enumerate(LEAVES):
            answers[k, test] = tree.answers(features[test], leaves)
    return max((score(y, answer) for answer in answers), key=lambda candidate: candidate.value)


def _arithmetic(X: Floats) -> list[Floats]:
    columns = list(X.T)
    features = [*columns, X.prod(axis=1)]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for a, b in combinations(columns, 2):
            features += [a - b, a + b, a * b, np.nan_to_num(a / b)]
    return features


def _discriminants(Z: Floats, y: Codes, train: np.ndarray) -> Floats:
    """Log density ratios of each class to the first, shape (genes, classes - 1)."""
    densities = log_densities(Z, class_shapes(Z[train], y[train]), np.arange(Z.shape[1])[None])[:, :, 0]
    return np.asarray((densities[1:] - densities[0]).T)
