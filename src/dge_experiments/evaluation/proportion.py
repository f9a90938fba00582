"""The interval of a proportion: Wilson's."""

import numpy as np
from scipy.stats import chi2, norm

LEVEL = 0.95
Limits = tuple[float, float]


def wilson(successes: float, n: float, level: float = LEVEL) -> Limits:
    """Wilson's score interval of a proportion; (nan, nan) for no trial.

    Parameters
    ----------
    successes, n : counts, or effective ones: divided by a design effect

    Raises
    ------
    ValueError
        `successes` outside 0..`n`

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953
    """
    if not 0 <= successes <= n:
        raise ValueError(f"0 <= successes <= n must hold, but got successes={successes}, n={n}")
    if n == 0:
        return float("nan"), float("nan")
    z, share = norm.ppf((1 + level) / 2), successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (
        0.0 if successes == 0 else float(centre - half),
        1.0 if successes == n else float(centre + half),
    )


def near_ends(successes: float, n: float, level: float = LEVEL) -> Limits:
    """Wilson's interval, with the one-sided Poisson limit for at most 3 successes or failures (2 where `n` <= 50).

    Without it the coverage falls to 0.86 for a recall near 0.

    References
    ----------
    Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286, section 4.1.1
    """
    low, high = wilson(successes, n, level)
    rare = 2 if n <= 50 else 3
    if 0 < successes <= rare:
        low = float(chi2.ppf(1 - level, 2 * successes)) / (2 * n)
    if 0 < n - successes <= rare:
        high = 1 - float(chi2.ppf(1 - level, 2 * (n - successes))) / (2 * n)
    return low, high
