"""What to expect of the genes of a new study: learned from studies that were left out one by one."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logit
from scipy.stats import t as student

from dge_experiments.prediction.decision import LEVEL, Bounds, bounds, of_top

MOST = 20_000  # genes that bounds are learned from; a larger set is thinned evenly
TOP = 40


@dataclass(frozen=True)
class Across:
    """Attributes
    ----------
    bounds : learned from every study while it was left out, with the reach between studies
    promises : one row per ordered pair whose second study was left out: `first`, `second`, `top` (number of genes with
        the highest chance), how many were `expected`, the 95 % range `least` to `most`, how many `held_up`, and whether
        that number lies `inside` the range; each range is learned from the other studies alone
    """

    bounds: Bounds
    promises: pd.DataFrame

    @property
    def sentence(self) -> str:
        """How often the observed number lay in the promised range."""
        inside, pairs = int(self.promises["inside"].sum()), len(self.promises)
        top = int(self.promises["top"].max())
        return (
            f"The number that holds up among the top {top} lay in the promised range in {inside} of {pairs} pairs "
            "with a study left out; each range was learned from the other studies."
        )


def across(predictions: pd.DataFrame, top: int = TOP) -> Across:
    """Learn what becomes of genes in a new study.

    Parameters
    ----------
    predictions : of one model, as ``unseen.Unseen`` has them: `held_out`, `first`, `second`, `chance`, `held_up`
    top : how many genes of the highest chance are promised
    """
    left_out = predictions[predictions["second"] == predictions["held_out"]]
    promises = []
    for held_out, of_study in left_out.groupby("held_out", sort=False):
        from_others = learned(left_out[left_out["held_out"] != held_out], top)
        for first, pair in of_study.groupby("first", sort=False):
            best = pair.nlargest(top, "chance", keep="first")
            decision = of_top(pair["chance"], from_others, top)
            held_up = int(best["held_up"].sum())
            promises.append(
                {
                    "first": first, "second": held_out, "top": decision.top, "expected": decision.expected,
                    "least": decision.least, "most": decision.most, "held_up": held_up,
                    "inside": decision.least <= held_up <= decision.most,
                }
            )  # fmt: skip
    return Across(learned(left_out, top), pd.DataFrame(promises))


def learned(left_out: pd.DataFrame, top: int) -> Bounds:
    """Bounds from genes of left-out studies, with the reach: how far the rate of a new study may lie from the promised.

    For each study the log odds of the share that held up among the top genes are compared with those of the chance
    promised; the reach is the 95 % prediction interval of one further study, by Student's t.
    """
    ordered = left_out.sort_values("chance", kind="stable")
    thin = ordered.iloc[:: max(1, len(ordered) // MOST)]
    fitted = bounds(thin["held_up"], thin["chance"])
    fitted = replace(fitted, above=fitted.above * (len(left_out) // max(len(thin), 1)))
    differences = np.array(
        [_difference(of_study, top) for _, of_study in left_out.groupby("held_out", sort=False)]
    )
    return replace(fitted, reach=_reach(differences))


def _difference(of_study: pd.DataFrame, top: int) -> float:
    """Log odds of the observed rate minus those of the promised, among the top genes of every pair of a study."""
    best = (
        of_study.sort_values("chance", ascending=False, kind="stable").groupby("first", sort=False).head(top)
    )
    observed = (best["held_up"].sum() + 0.5) / (len(best) + 1)
    promised = np.clip(best["chance"].mean(), 1e-6, 1 - 1e-6)
    return float(logit(observed) - logit(promised))


def _reach(differences: npt.NDArray[np.float64]) -> float:
    n = len(differences)
    return float(student.ppf((1 + LEVEL) / 2, n - 1) * differences.std(ddof=1) * np.sqrt(1 + 1 / n))
