import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import t as student

from dge_experiments.prediction.across import across, learned
from dge_experiments.prediction.decision import Bounds, of_top


def predictions(spread: float, studies: int = 5, genes: int = 400, seed: int = 0) -> pd.DataFrame:
    """A model whose chances are right on average; the log odds of each study differ by ``spread``."""
    rng = np.random.default_rng(seed)
    made = []
    for second in range(studies):
        shift = spread * rng.normal()
        for first in range(studies):
            if first != second:
                logit = rng.normal(-1, 1.5, genes)
                held_up = rng.random(genes) < expit(logit + shift)
                pair = {"held_out": f"s{second}", "first": f"s{first}", "second": f"s{second}", "gene": "g"}
                made.append(pd.DataFrame({**pair, "chance": expit(logit), "held_up": held_up}))
    return pd.concat(made, ignore_index=True)


def test_the_reach_is_a_prediction_interval_between_studies() -> None:
    given = predictions(0.0, studies=4)
    apart = []
    for _, own in given.groupby("held_out"):
        best = own.sort_values("chance", ascending=False, kind="stable").groupby("first").head(40)
        share, promised = (best["held_up"].sum() + 0.5) / (len(best) + 1), best["chance"].mean()
        apart.append(np.log(share / (1 - share)) - np.log(promised / (1 - promised)))
    expected = student.ppf(0.975, 3) * np.std(apart, ddof=1) * np.sqrt(1.25)
    assert learned(given, 40).reach == pytest.approx(expected)


def test_studies_that_differ_widen_the_range() -> None:
    narrow, wide = (across(predictions(spread)).bounds for spread in (0.0, 1.0))
    assert wide.reach > 2 * narrow.reach
    ranges = [of_top(np.full(40, 0.4), found, 40) for found in (narrow, wide)]
    assert ranges[1].most - ranges[1].least > ranges[0].most - ranges[0].least


def test_the_range_holds_in_studies_left_out() -> None:
    inside = [across(predictions(0.7, seed=seed)).promises["inside"].mean() for seed in range(3)]
    assert np.mean(inside) > 0.9
    found = across(predictions(0.7))
    assert len(found.promises) == 20 and (found.promises["top"] == 40).all()
    assert f"in {int(found.promises['inside'].sum())} of 20 pairs" in found.sentence


def test_what_a_model_carries_is_the_same_again() -> None:
    known = across(predictions(0.5)).bounds
    again = Bounds.of(known.metadata)
    assert again.reach == known.reach and np.array_equal(again.above, known.above)
    older = {name: value for name, value in known.metadata.items() if name != "reach"}
    assert Bounds.of(older).reach == 0


def test_of_few_genes_all_are_promised() -> None:
    found = across(predictions(0.3, genes=30))
    assert (found.promises["top"] == 30).all()
    assert (found.promises["least"] <= found.promises["most"]).all()
