"""What to expect of the genes of a study never seen: learned from studies that were left out one by one."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logit
from scipy.stats import t as student

from dge_experiments.prediction.decision import LEVEL, Bounds, bounds, of_top

MOST = 20_000  # genes that bounds are learned from; of more every so many-th
TOP = 40


@dataclass(frozen=True)
class Across:
    """Attributes
    ----------
    bounds : learned from all studies left out, with the reach between studies
    promises : one row per ordered pair whose second study was left out: `first`, `second`, `top` genes of the highest
        chance, how many were `expected`, the 95 % range `least` to `most`, how many `held_up`, and whether that lies
        `inside`; each learned from the other studies alone
    """

    bounds: Bounds
    promises: pd.DataFrame

    @property
    def sentence(self) -> str:
        """How often the range held."""
        inside, pairs = int(self.promises["inside"].sum()), len(self.promises)
        top = int(self.promises["top"].max())
        return (
            f"The number that holds up among the top {top} lay in the promised range in {inside} of {pairs} pairs "
            "with a study left out; each range was learned from the other studies."
        )


def across(predictions: pd.DataFrame, top: int = TOP) -> Across:
    """Learn what becomes of genes in a study never seen.

    Parameters
    ----------
    predictions : of one model, as ``unseen.Unseen`` has them: `held_out`, `first`, `second`, `chance`, `held_up`
    top : how many genes of the highest chance are promised
    """
    asked = predictions[predictions["second"] == predictions["held_out"]]
    promises = []
    for held_out, own in asked.groupby("held_out", sort=False):
        known = learned(asked[asked["held_out"] != held_out], top)
        for first, pair in own.groupby("first", sort=False):
            best = pair.nlargest(top, "chance", keep="first")
            decision = of_top(pair["chance"], known, top)
            held_up = int(best["held_up"].sum())
            promises.append(
                {
                    "first": first, "second": held_out, "top": decision.top, "expected": decision.expected,
                    "least": decision.least, "most": decision.most, "held_up": held_up,
                    "inside": decision.least <= held_up <= decision.most,
                }
            )  # fmt: skip
    return Across(learned(asked, top), pd.DataFrame(promises))


def learned(asked: pd.DataFrame, top: int) -> Bounds:
    """Bounds from genes of studies left out, with the reach by which the rate of one more study may lie elsewhere.

    For each study the log odds of the share that held up among the top genes are compared with those of the chance
    promised; the reach is the 95 % prediction interval of one further study, by Student's t.
    """
    ordered = asked.sort_values("chance", kind="stable")
    thin = ordered.iloc[:: max(1, len(ordered) // MOST)]
    found = bounds(thin["held_up"], thin["chance"])
    found = replace(found, above=found.above * (len(asked) // max(len(thin), 1)))
    apart = np.array([_apart(own, top) for _, own in asked.groupby("held_out", sort=False)])
    return replace(found, reach=_reach(apart))


def _apart(own: pd.DataFrame, top: int) -> float:
    """Log odds of the rate seen less that promised, among the top genes of every pair of a study."""
    best = own.sort_values("chance", ascending=False, kind="stable").groupby("first", sort=False).head(top)
    seen = (best["held_up"].sum() + 0.5) / (len(best) + 1)
    promised = np.clip(best["chance"].mean(), 1e-6, 1 - 1e-6)
    return float(logit(seen) - logit(promised))


def _reach(apart: npt.NDArray[np.float64]) -> float:
    n = len(apart)
    return float(student.ppf((1 + LEVEL) / 2, n - 1) * apart.std(ddof=1) * np.sqrt(1 + 1 / n))
