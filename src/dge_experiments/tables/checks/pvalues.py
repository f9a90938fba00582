"""The health of the p values: the shape of their histogram, and the share of true null hypotheses."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrik

from dge_experiments.tables.canonical import Statistics
from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.table import Finding, Severity

Counts = npt.NDArray[np.int64]
BINS = 20
ALPHA = 0.05
ENOUGH = 100  # with fewer p values a histogram of 20 bins says little
CUT = 0.9  # a list whose largest p is smaller was cut
TIES = 0.1  # distinct values in this share of the rows or fewer: the test statistic is discrete
MOST = 100_000  # p values that are checked for ties, at most
LAMBDAS = np.arange(1, BINS) / BINS
FREEDOM = 3.0  # degrees of freedom of the spline, as in R's qvalue
SHAPES: dict[str, tuple[Severity, str]] = {  # shapes that give a finding
    "uniform": ("info", "are spread evenly: nothing differs, or the experiment was too small to see it"),
    "conservative": ("warning", "pile up near 1: the test's null distribution is wrong (a batch, correlated samples, a "
                     "one-sided test) or counts are low; false discovery rates are too large"),
    "U-shaped": ("warning", "pile up near 0 and near 1: a one-sided test, or genes with low counts; false discovery "
                 "rates are not to be trusted"),
    "discrete": ("info", "take few distinct values, or 1 too often: low counts, or a rank test of few samples"),
    "other": ("warning", "have a peak between 0 and 1: low counts, a batch, or a wrong null distribution"),
}  # fmt: skip


@dataclass(frozen=True)
class Health:
    """The p values of a table.

    Attributes
    ----------
    shape : ``anti-conservative`` (as expected: flat, and a peak near 0), ``uniform``, ``conservative``, ``U-shaped``,
        ``discrete``, ``other``, ``cut`` (a list cut by p) or ``few`` (fewer than 100 values)
    null_share : estimated share of true null hypotheses, in [0, 1]; None for a cut list or few values
    counts : of 20 equal bins of [0, 1]
    limit : the count that a bin of a flat histogram exceeds with probability 0.05 / 20
    """

    shape: str
    null_share: float | None
    counts: tuple[int, ...]
    limit: int


def health(p: Floats) -> Health:
    """Classify the histogram and estimate the share of true nulls, without missing values and those outside [0, 1].

    A bin stands out if its count exceeds the binomial quantile of a uniform distribution, Bonferroni-corrected for the
    bins (Breheny et al. 2018, doi:10.3390/ht7030023): only near 0, as expected; near 1; at both ends; or elsewhere.
    """
    shape, counts, limit = _classified(p)
    estimable = shape not in ("cut", "few")
    return Health(shape, null_share(counts) if estimable else None, tuple(map(int, counts)), limit)


def null_share(counts: Counts) -> float:
    """Share of true null hypotheses, by the smoother of Storey & Tibshirani 2003, doi:10.1073/pnas.1530509100.

    The share of p values above lambda, divided by 1 - lambda, at 0.05, 0.1, ... 0.95, is smoothed by a cubic spline of
    three degrees of freedom; the estimate is its value at the end, as in R's ``qvalue::pi0est``. ``counts`` are of the
    bins between these values.
    """
    from scipy.interpolate import make_smoothing_spline

    above = np.cumsum(counts[::-1])[::-1][1:] / counts.sum() / (1 - LAMBDAS)
    smooth = make_smoothing_spline(LAMBDAS, above, lam=_penalty())
    return float(np.clip(smooth(LAMBDAS[-1]), 0, 1))


def check(table: Statistics) -> Iterator[Finding]:
    """A finding where the histogram is not that of a sound analysis."""
    if "P.Value" not in table.columns:
        return
    shape, counts, _ = _classified(table.columns["P.Value"])
    if shape in SHAPES:
        severity, means = SHAPES[shape]
        text = f"the p values {table.headers['P.Value']!r} {means}"
        yield Finding(f"p_{shape.replace('-', '_').lower()}", severity, text, int(counts.sum()))


def _classified(p: Floats) -> tuple[str, Counts, int]:
    """The shape, the counts of the bins, and the count that a bin of a flat histogram hardly exceeds."""
    inside = (p >= 0) & (p <= 1)
    p = p if inside.all() else p[inside]
    counts = np.bincount(np.minimum((p * BINS).astype(np.int64), BINS - 1), minlength=BINS)
    limit = _limit(len(p))
    if len(p) < ENOUGH:
        return "few", counts, limit
    if p.max() < CUT:
        return "cut", counts, limit
    shape, sound = _shape(counts > limit), ("anti-conservative", "uniform")
    if shape not in sound:
        ones = int((p == 1).sum())
        without = counts - ones * (np.arange(BINS) == BINS - 1)
        shape = "discrete" if _shape(without > _limit(len(p) - ones)) in sound else shape
    spaced = p[:: max(1, len(p) // MOST)]
    if shape != "anti-conservative" and len(np.unique(spaced)) <= TIES * len(spaced):
        shape = "discrete"
    return shape, counts, limit


def _limit(n: int) -> int:
    """The binomial quantile of a bin's count among ``n``, Bonferroni-corrected for the bins."""
    if not n:
        return 0
    quantile = 1 - ALPHA / BINS
    count = int(np.ceil(bdtrik(quantile, n, 1 / BINS)))
    return count - 1 if bdtr(count - 1, n, 1 / BINS) >= quantile else count


def _shape(stands_out: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> str:
    if not stands_out.any():
        return "uniform"
    inside = np.flatnonzero(~stands_out)
    if len(inside) and stands_out[inside[0] : inside[-1]].any():
        return "other"
    left, right = bool(stands_out[0]), bool(stands_out[-1])
    return {(True, False): "anti-conservative", (False, True): "conservative", (True, True): "U-shaped"}[
        left, right
    ]


@lru_cache(maxsize=1)
def _penalty() -> float:
    """The penalty of a smoothing spline on ``LAMBDAS`` whose smoother matrix has the trace ``FREEDOM``."""

    from scipy.interpolate import make_smoothing_spline
    from scipy.optimize import brentq

    def excess(log: float) -> float:
        basis = np.eye(len(LAMBDAS))
        trace = sum(
            make_smoothing_spline(LAMBDAS, y, lam=10.0**log)(x) for x, y in zip(LAMBDAS, basis, strict=True)
        )
        return float(trace) - FREEDOM

    return float(10.0 ** brentq(excess, -8, 4))
