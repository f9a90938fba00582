"""What to expect in the next study from one table: shrunken effects, and the chance that each replicates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from dge_experiments.errors import BadInput

NULL_WEIGHT = 10.0
STEP = np.sqrt(2)
ROUNDS = 5_000
TOLERANCE = 1e-9
SMALLEST_P = 1e-300
SMALLEST_Z = 1e-3

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """How large the true effects of a table are: a mixture of normals around 0.

    Attributes
    ----------
    scales : shape (components,), standard deviations in units of logFC; the first is 0, genes without effect
    weights : shape (components,), shares of genes, adding to 1
    """

    scales: Scores
    weights: Scores

    @property
    def null(self) -> float:
        """Estimated share of genes without any effect."""
        return float(self.weights[0])


@dataclass(frozen=True)
class Shrunken:
    """Arrays have the shape (genes,).

    Attributes
    ----------
    effect : posterior mean of the true effect, in units of logFC
    deviation : its posterior standard deviation
    false_sign : local false sign rate: the chance that the effect is 0 or has the other sign
    """

    effect: Scores
    deviation: Scores
    false_sign: Scores


def standard_errors(frame: pd.DataFrame) -> Scores:
    """Standard errors of logFC, shape (genes,), such that logFC / SE is the normal quantile of P.Value.

    So a t statistic from few samples counts no more than its P. Where logFC is 0 or P is 1, the column SE is used if
    there is one, else the largest standard error in the table.

    Raises
    ------
    BadInput
        no logFC, neither P.Value nor SE, or no gene with a standard error
    """
    if "logFC" not in frame or not {"P.Value", "SE"} & set(frame):
        raise BadInput("a standard error needs logFC and P.Value, or a column SE")
    reported = frame["SE"].to_numpy(np.float64) if "SE" in frame else np.full(len(frame), np.nan)
    errors = reported
    if "P.Value" in frame:
        z = norm.isf(np.clip(frame["P.Value"].to_numpy(np.float64), SMALLEST_P, 1) / 2)
        effect = frame["logFC"].abs().to_numpy()
        derived = np.divide(effect, z, out=np.full(len(z), np.nan), where=(z > SMALLEST_Z) & (effect > 0))
        errors = np.where(np.isfinite(derived), derived, reported)
    usable = np.isfinite(errors) & (errors > 0)
    if not usable.any():
        raise BadInput("no standard error of logFC follows from this table's P.Value or SE")
    return np.where(usable, errors, errors[usable].max())


def prior_of(effect: npt.ArrayLike, se: npt.ArrayLike, null_weight: float = NULL_WEIGHT) -> Prior:
    """The mixture of normals that the table's own effects suggest (adaptive shrinkage).

    Scales go from a tenth of the smallest standard error in steps of the square root of 2; weights maximise the
    likelihood, with ``null_weight - 1`` genes without effect added, by EM. The same as ``ashr::ash(effect, se,
    mixcompdist = "normal")`` in R.

    Parameters
    ----------
    effect, se : shape (genes,), log fold changes and their standard errors, above 0

    References
    ----------
    Stephens 2017, doi:10.1093/biostatistics/kxw041
    """
    b, s = np.asarray(effect, dtype=np.float64), np.asarray(se, dtype=np.float64)
    scales = _scales(b, s)
    logs = norm.logpdf(b[:, None], scale=np.sqrt(s[:, None] ** 2 + scales**2))
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights = np.full(len(scales), 1 / len(scales))
    added = np.zeros(len(scales))
    added[0] = null_weight - 1
    for _ in range(ROUNDS):
        share = weights * (likelihood.T @ (1 / (likelihood @ weights))) + added
        share /= share.sum()
        moved = np.abs(share - weights).max()
        weights = share
        if moved < TOLERANCE:
            break
    return Prior(scales, weights)


def shrink(effect: npt.ArrayLike, se: npt.ArrayLike, prior: Prior) -> Shrunken:
    """Each gene's effect given the prior: mean, standard deviation, local false sign rate.

    References
    ----------
    Stephens 2017, doi:10.1093/biostatistics/kxw041
    """
    member, mean, variance = _posterior(effect, se, prior)
    centre = (member * mean).sum(axis=1)
    second = (member * (variance + mean**2)).sum(axis=1)
    below = member[:, 1:] * norm.cdf(-mean[:, 1:] / np.sqrt(variance[:, 1:]))
    negative, zero = below.sum(axis=1), member[:, 0]
    positive = member[:, 1:].sum(axis=1) - negative
    deviation = np.sqrt(np.maximum(second - centre**2, 0))
    return Shrunken(centre, deviation, np.clip(zero + np.minimum(negative, positive), 0, 1))


def chance(
    effect: npt.ArrayLike, se: npt.ArrayLike, prior: Prior, second_se: npt.ArrayLike, alpha: float = 0.05
) -> Scores:
    """Chance of each gene, shape (genes,), to replicate: the same sign and a two-sided P < alpha in a second study.

    The second study's estimate is normal around the true effect, and the true effect follows the first table's
    posterior. This corrects for the winner's curse (Jiang and Yu 2016, with the prior of Stephens 2017).

    Parameters
    ----------
    effect, se : shape (genes,), of the first table
    second_se : standard error of the same effect in the second study, one number or one per gene; the first's,
        times the square root of the ratio of their sample sizes, where nothing else is known

    References
    ----------
    Jiang and Yu 2016, doi:10.1186/s12864-015-2296-4
    """
    member, mean, variance = _posterior(effect, se, prior)
    s = np.broadcast_to(np.asarray(second_se, dtype=np.float64), len(mean))[:, None]
    sign = np.where(np.asarray(effect) < 0, -1.0, 1.0)[:, None]
    reach = (sign * mean - norm.isf(alpha / 2) * s) / np.sqrt(variance + s**2)
    return np.asarray((member * norm.cdf(reach)).sum(axis=1))


def without_winners_curse(z: npt.ArrayLike, threshold: float) -> Scores:
    """Effects over their standard errors, corrected for the selection of genes by ``|z| > threshold``.

    The maximum of the likelihood given the selection: the effect whose expected ``|z|`` after selection is the
    observed one.

    Parameters
    ----------
    z : shape (genes,), effect / SE of the selected genes
    threshold : such as 1.96 for P < 0.05

    Raises
    ------
    ValueError
        a gene that was not selected

    References
    ----------
    Zhong and Prentice 2008, doi:10.1093/biostatistics/kxn001
    """
    size = np.abs(np.asarray(z, dtype=np.float64))
    if np.any(size <= threshold):
        raise ValueError(f"|z| > {threshold:g} must hold of every selected gene")
    low, high = np.zeros_like(size), size.copy()
    for _ in range(60):  # bisection: the expected |z| grows with the effect
        middle = (low + high) / 2
        above = _selected_mean(middle, threshold) > size
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(np.sign(z) * (low + high) / 2)


def _selected_mean(mu: Scores, threshold: float) -> Scores:
    """Mean of z, normal around ``mu``, given that its size is above the threshold."""
    over, under = norm.pdf(threshold - mu), norm.pdf(threshold + mu)
    return np.asarray(mu + (over - under) / (norm.sf(threshold - mu) + norm.sf(threshold + mu)))


def _posterior(effect: npt.ArrayLike, se: npt.ArrayLike, prior: Prior) -> tuple[Scores, Scores, Scores]:
    """Membership, mean and variance of each gene (rows) in each component (columns)."""
    b = np.asarray(effect, dtype=np.float64)[:, None]
    s2 = np.asarray(se, dtype=np.float64)[:, None] ** 2
    v = prior.scales**2
    with np.errstate(divide="ignore"):
        logs = norm.logpdf(b, scale=np.sqrt(s2 + v)) + np.log(prior.weights)
    member = np.exp(logs - logs.max(axis=1, keepdims=True))
    member /= member.sum(axis=1, keepdims=True)
    return member, b * v / (s2 + v), s2 * v / (s2 + v)


def _scales(effect: Scores, se: Scores) -> Scores:
    """0, and standard deviations up to twice the largest that an effect suggests."""
    smallest = se.min() / 10
    excess = float(np.max(effect**2 - se**2))
    largest = 2 * np.sqrt(excess) if excess > 0 else 8 * smallest
    steps = int(np.ceil(np.log(largest / smallest) / np.log(STEP)))
    return np.concatenate([[0.0], largest * STEP ** np.arange(-steps, 1.0)])
