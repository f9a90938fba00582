"""Maps from a model's score to a probability, fitted on out-of-fold answers.

A score is the log odds of the model's probability, or its decision function where it has no probability. A map is an
array of numbers. Maps are for two classes; for more, each class has one against the rest, and the probabilities are
divided by their sum.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
METHODS = ("sigmoid", "beta", "isotonic")
CERTAIN = 1e-12  # a probability is at least this far from 0 and 1 before its logarithm is taken
HARDLY = 1e6  # C of a regression that is hardly penalised


def log_odds(probability: Floats) -> Floats:
    """Log odds of each class, same shape; finite."""
    p = np.clip(probability, CERTAIN, 1 - CERTAIN)
    return np.asarray(np.log(p) - np.log1p(-p))


def fit(method: str, score: Floats, positive: NDArray[np.bool_]) -> Floats:
    """The map's numbers.

    ========  =====================================================================================================
    sigmoid   slope and intercept of a logistic curve of the score (Platt 1999, with his targets: not 0 and 1, but
              1 / (n + 2) away from them); the model's own probability has slope 1 and intercept 0
    beta      a, b, c of ``log odds = a ln p - b ln(1 - p) + c`` with a, b >= 0, where p is the probability that has
              the score as log odds
    isotonic  knots, shape (2, knots): scores and the probabilities of the best non-decreasing step function, joined by
              lines, kept 1 / (genes + 2) away from 0 and 1
    ========  =====================================================================================================

    Parameters
    ----------
    score, positive : shape (genes,), and whether the gene is of the class

    Raises
    ------
    ValueError
        no such method

    References
    ----------
    Platt 1999, Advances in Large Margin Classifiers, 61-74; Kull, Silva Filho & Flach 2017,
    doi:10.1214/17-EJS1338SI; Zadrozny & Elkan 2002, doi:10.1145/775047.775151
    """
    if method == "sigmoid":
        return _logistic(score[:, None], positive)
    if method == "beta":
        return _beta(score, positive)
    if method == "isotonic":
        regression = IsotonicRegression(y_min=0, y_max=1).fit(score, positive)
        edge = 1 / (len(score) + 2)
        return np.stack([regression.X_thresholds_, np.clip(regression.y_thresholds_, edge, 1 - edge)])
    raise ValueError(f"method={method}: must be one of {', '.join(METHODS)}")


def apply(method: str, numbers: Floats, score: Floats) -> Floats:
    """The probability of each score, same shape."""
    if method == "sigmoid":
        return np.asarray(expit(numbers[0] * score + numbers[1]))
    if method == "beta":
        return np.asarray(expit(_logs(score) @ numbers[:2] + numbers[2]))
    return np.asarray(np.interp(score, numbers[0], numbers[1]))


def _logs(score: Floats) -> Floats:
    """ln p and -ln(1 - p) of the log odds, shape (genes, 2)."""
    return np.column_stack([-np.logaddexp(0, -score), np.logaddexp(0, score)])


def _logistic(columns: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Slopes and intercept by weighted maximum likelihood with Platt's targets."""
    ups, downs = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (ups + 1) / (ups + 2), 1 / (downs + 2))
    regression = LogisticRegression(C=HARDLY, max_iter=1_000).fit(
        np.concatenate([columns, columns]),
        np.repeat([1, 0], len(columns)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    return np.append(regression.coef_[0], regression.intercept_)


def _beta(score: Floats, positive: NDArray[np.bool_]) -> Floats:
    """A slope that would be negative is set to 0, and the other is fitted again (Kull et al., section 4.2)."""
    logs = _logs(score)
    a, b, c = _logistic(logs, positive)
    if a < 0:
        b, c = _logistic(logs[:, 1:], positive)
        return np.array([0, max(b, 0.0), c])
    if b < 0:
        a, c = _logistic(logs[:, :1], positive)
        return np.array([max(a, 0.0), 0, c])
    return np.array([a, b, c])
