"""Two simulated studies whose truth is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm


@dataclass(frozen=True)
class Two:
    """Two studies of the same genes; arrays of shape (genes,): the truth, log fold changes, P values."""

    truth: npt.NDArray[np.float64]
    effect: npt.NDArray[np.float64]
    p: npt.NDArray[np.float64]
    second_effect: npt.NDArray[np.float64]
    second_p: npt.NDArray[np.float64]

    def signs(self, alpha: float = 0.05) -> npt.NDArray[np.float64]:
        """The second study's answers: 1 (significantly up), -1 (down) or 0."""
        return np.sign(self.second_effect) * (self.second_p < alpha)


def two_studies(genes: int = 4000, changed: float = 0.2, spread: float = 3.0, seed: int = 0) -> Two:
    """Effects in units of their standard error (1 in both studies): 0, or normal with ``spread``."""
    rng = np.random.default_rng(seed)
    truth = np.where(rng.random(genes) < changed, rng.normal(0, spread, genes), 0.0)
    first, second = truth + rng.normal(size=genes), truth + rng.normal(size=genes)
    return Two(truth, first, 2 * norm.sf(np.abs(first)), second, 2 * norm.sf(np.abs(second)))
