import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from dge_experiments.prediction.reference import distance, reference


def table(n: int, seed: int, shift: float = 0.0, scale: float = 1.0, slope: float = 0.8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    return pd.DataFrame({"logFC": scale * a + shift, "t": slope * a + 0.6 * rng.normal(size=n)})


def test_the_same_kind_of_table_is_near() -> None:
    found = distance(reference(table(5000, 0)), table(3000, 1))
    assert found.features["ks"].max() < 0.05
    assert found.outside == pytest.approx(0.05, abs=0.015)
    assert not found.far and "distributed as in training" in found.sentence


def test_the_distance_is_kolmogorovs_up_to_the_quantiles() -> None:
    first, second = table(5000, 0), table(3000, 1, shift=0.8)
    found = distance(reference(first), second).features.set_index("feature")["ks"]
    for name in first:
        assert found[name] == pytest.approx(ks_2samp(first[name], second[name]).statistic, abs=0.05)


def test_a_shifted_feature_is_named() -> None:
    found = distance(reference(table(5000, 0)), table(3000, 1, shift=1.5))
    assert found.far and found.features.set_index("feature")["far"].to_dict() == {"logFC": True, "t": False}
    assert "far from the training table's (KS distance above 0.2: logFC 0.5" in found.sentence


def test_a_relation_turned_round_is_seen_together() -> None:
    turned = table(3000, 1)
    turned["t"] = -turned["t"]
    found = distance(reference(table(5000, 0)), turned)
    assert not found.far and found.outside > 0.2


def test_ties_and_gaps_are_no_distance() -> None:
    rng = np.random.default_rng(0)
    known, new = (
        pd.DataFrame({"P": np.where(rng.random(2000) < 0.5, 1.0, rng.random(2000))}) for _ in range(2)
    )
    new.loc[0, "P"] = np.nan
    assert distance(reference(known), new).features["ks"].max() < 0.06
