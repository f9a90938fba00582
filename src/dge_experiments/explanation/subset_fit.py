"""Cross-validated McFadden R² of logistic regression on subsets of the features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit, log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dge_experiments.explanation.inputs import Codes, Floats
from dge_experiments.explanation.method import NotPossible
from dge_experiments.search.workers import in_order

Subset = tuple[int, ...]
Fold = tuple[Codes, Codes]


@dataclass(frozen=True)
class ScaledFold:
    """One fold, scaled by its own training genes.

    Attributes
    ----------
    train, test : shape (genes of the part, features), standardised with the training part's mean and SD
    y_train, y_test : class codes 0..K-1
    """

    train: Floats
    y_train: Codes
    test: Floats
    y_test: Codes


def scale_folds(values: Floats, y: Codes, folds: Sequence[Fold]) -> list[ScaledFold]:
    """Standardise each fold by its training genes alone.

    Parameters
    ----------
    values : shape (genes, features)
    y : class codes 0..K-1, shape (genes,)
    folds : pairs (training rows, test rows)

    Raises
    ------
    NotPossible
        a class that has no training gene in some fold
    """
    scaled = []
    for number, (train, test) in enumerate(folds):
        absent = np.setdiff1d(np.unique(y), y[train])
        if len(absent):
            raise NotPossible(
                f"folds: fold {number} has no training gene of class {absent[0]}; use fewer folds or stratify"
            )
        scaler = StandardScaler().fit(values[train])
        scaled.append(
            ScaledFold(scaler.transform(values[train]), y[train], scaler.transform(values[test]), y[test])
        )
    return scaled


def null_log_likelihood(fold: ScaledFold) -> float:
    """Log-likelihood of the test genes under the class frequencies of the training genes."""
    log_frequency = np.log(np.bincount(fold.y_train) / len(fold.y_train))
    return float(log_frequency[fold.y_test].sum())


def log_likelihood(fold: ScaledFold, subset: Subset, C: float) -> float:
    """Log-likelihood of the test genes under (multinomial) logistic regression on ``subset``."""
    columns = list(subset)
    model = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-6, max_iter=200)
    model.fit(fold.train[:, columns], fold.y_train)
    margin = model.decision_function(fold.test[:, columns])
    if margin.ndim == 1:
        return float(log_expit(np.where(fold.y_test == 1, margin, -margin)).sum())
    return float(log_softmax(margin, axis=1)[np.arange(len(fold.y_test)), fold.y_test].sum())


def mcfadden_r2(folds: Sequence[ScaledFold], subsets: Sequence[Subset], C: float) -> dict[Subset, float]:
    """Cross-validated McFadden R² of each subset: ``1 - sum_folds LL(subset) / sum_folds LL(no feature)``.

    The log-likelihoods are those of held-out genes, so the value can be negative (worse than the class
    frequencies); that of the empty subset is 0 by definition. McFadden 1974, Conditional logit analysis of
    qualitative choice behavior. It runs in joblib's current configuration; the values do not depend on it: each
    fit has one thread.
    """
    null = sum(null_log_likelihood(fold) for fold in folds)
    fitted = [subset for subset in subsets if subset]
    likelihoods = in_order([(_over_folds, (folds, subset, C)) for subset in fitted])
    r2 = {subset: 1.0 - likelihood / null for subset, likelihood in zip(fitted, likelihoods, strict=True)}
    return {(): 0.0} | r2


def _over_folds(folds: Sequence[ScaledFold], subset: Subset, C: float) -> float:
    with threadpool_limits(limits=1):
        return sum(log_likelihood(fold, subset, C) for fold in folds)
