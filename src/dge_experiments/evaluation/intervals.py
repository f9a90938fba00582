"""How far a score may be off: Wilson intervals for proportions, stratified bootstrap for the rest."""

import warnings
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, bootstrap

from dge_experiments.errors import BadInput
from dge_experiments.search.prediction import Prediction

RESAMPLES = 2_000
LEVEL = 0.95
BCA_GENES = 15_000
BINS = 5_000
CELLS = 200_000  # counts held at a time: more than the cache holds is three times slower

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]


def wilson(successes: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of a proportion; (nan, nan) for no trial.

    Raises
    ------
    BadInput
        `successes` outside 0..`n`

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953
    """
    if not 0 <= successes <= n:
        raise BadInput(f"0 <= successes <= n must hold, but got successes={successes}, n={n}")
    if n == 0:
        return float("nan"), float("nan")
    interval = binomtest(int(successes), int(n)).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def stratified(
    y: ArrayLike,
    statistics: Mapping[str, Statistic],
    *,
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    sizes: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Bootstrap intervals of several scores at once, genes resampled within each class.

    All scores are computed on the same resamples, drawn once. The interval is bias-corrected and accelerated
    (BCa); above 15,000 genes, whose jackknife would take their square in time, it is the percentile interval.

    Parameters
    ----------
    y : shape (genes,), class codes; the strata
    statistics : name -> function of counts, shape (resamples, genes), how often each gene was drawn, to
        scores, shape (resamples,); `dge_experiments.evaluation.resampled` has the usual ones
    seed : draws the resamples
    resamples : their number
    level : confidence level
    sizes : shape (genes,), how many genes each stands for (see `alike`); one each where not given

    Returns
    -------
    One row per statistic: index `metric`; `estimate` on all genes, `low`, `high`. Both limits are nan where
    the interval cannot be told: a class of one gene, or a score that is the same in (nearly) all resamples,
    as a perfect ROC AUC is. That no resample errs does not show that the model never does.

    References
    ----------
    Efron 1987, doi:10.1080/01621459.1987.10478410
    """
    codes = np.asarray(y)
    strata = [np.flatnonzero(codes == code) for code in np.unique(codes)]
    genes = len(codes)
    names = list(statistics)

    def scores(*drawn: NDArray[np.int64], axis: int = -1) -> Floats:
        shape = np.broadcast_shapes(*(d.shape[:-1] for d in drawn))
        counts = _counts([d.reshape(-1, d.shape[-1]) for d in drawn], genes)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.stack([statistics[name](counts) for name in names]).reshape(len(names), *shape)

    many = sizes is not None or genes > BCA_GENES
    sizes = np.ones(genes, np.int64) if sizes is None else sizes
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.concatenate([score(sizes[None].astype(float)) for score in statistics.values()])
    low = high = np.full(len(names), np.nan)
    enough = min(sizes[members].sum() for members in strata) > 1
    if enough and many:
        drawn = _resampled(strata, list(statistics.values()), sizes, resamples, seed)
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    elif enough:
        with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # scipy: degenerate, told by nan
            interval = bootstrap(
                strata,
                scores,
                vectorized=True,
                n_resamples=resamples,
                batch=max(1, CELLS // genes),
                confidence_level=level,
                method="BCa",
                rng=np.random.default_rng(seed),
            ).confidence_interval
        low, high = interval.low, interval.high
    index = pd.Index(names, name="metric")
    frame = pd.DataFrame({"estimate": estimate, "low": low, "high": high}, index=index)
    told = frame["low"].notna() & frame["high"].notna() & (frame["low"] < frame["high"])
    frame.loc[~told, ["low", "high"]] = np.nan
    return frame


def alike(
    y: NDArray[np.int64], prediction: Prediction
) -> tuple[NDArray[np.int64], Prediction, NDArray[np.int64]]:
    """Genes of one class and one answer in the same of 5,000 equal parts of the ranking, as one.

    Of two classes. Their ranking and probability are those of the part's middle gene, so that equal ones stay equal;
    an area under a curve moves by less than one part in 5,000.

    Returns
    -------
    classes, predictions, and how many genes each stands for; at most 20,000
    """
    order, genes = np.argsort(prediction.ranking, kind="stable"), len(y)
    part = np.empty(genes, np.int64)
    part[order] = np.arange(genes) * BINS // genes
    middle = order[(2 * np.arange(BINS) + 1) * genes // (2 * BINS)]
    sizes = np.bincount((part * 2 + y) * 2 + prediction.predicted, minlength=4 * BINS)
    cell = np.flatnonzero(sizes)
    chosen = middle[cell // 4]
    of = None if prediction.probability is None else prediction.probability[chosen]
    return cell // 2 % 2, Prediction(cell % 2, prediction.ranking[chosen], of), sizes[cell]


def _resampled(
    strata: list[NDArray[np.int64]],
    statistics: list[Statistic],
    sizes: NDArray[np.int64],
    resamples: int,
    seed: int,
) -> Floats:
    """Scores on resamples; shape (statistics, resamples)."""
    rng, step, scores = np.random.default_rng(seed), max(1, CELLS // len(sizes)), []
    for start in range(0, resamples, step):
        counts = np.empty((min(step, resamples - start), len(sizes)))
        for members in strata:
            total = int(sizes[members].sum())
            counts[:, members] = rng.multinomial(total, sizes[members] / total, size=len(counts))
        with np.errstate(divide="ignore", invalid="ignore"):
            scores.append(np.stack([score(counts) for score in statistics]))
    return np.concatenate(scores, axis=1)


def _counts(drawn: list[NDArray[np.int64]], genes: int) -> Floats:
    """How often each gene was drawn; `drawn` has per class the genes of each resample in a row."""
    rows = len(drawn[0])
    cell = np.concatenate([d + np.arange(rows)[:, None] * genes for d in drawn], axis=1)
    return np.bincount(cell.ravel(), minlength=rows * genes).reshape(rows, genes).astype(np.float64)
