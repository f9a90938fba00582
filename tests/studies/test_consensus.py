import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from dge_experiments.studies.consensus import consensus, random_effects, stouffer
from dge_experiments.tables import Table

NAN = float("nan")
EFFECT = np.array([[0.5, 0.3, 0.8, 0.1], [-1, 1.2, -0.4, 0.6], [0.2, 0.25, 0.15, NAN], [2, 1.9, 2.2, 2.1]])
SE = np.array([[0.2, 0.15, 0.3, 0.2], [0.3, 0.4, 0.25, 0.5], [0.1, 0.2, 0.3, NAN], [0.5, 0.5, 0.5, 0.5]])

# R 4.2.2, metafor 3.8.1: for each row i  r <- rma(yi = b[i, ], sei = s[i, ], method = "DL")
METAFOR = {
    "logFC": [0.3689923481, 0.0527285306, 0.2051020408, 2.05],
    "SE": [0.1232668277, 0.4730722943, 0.0857142857, 0.25],
    "P.Value": [0.00275848108329, 0.911251763217, 0.0167177488793, 2.40387030855e-16],
    "tau2": [0.0201188119, 0.7601999538, 0, 0],
    "I2": [0.3311603651, 0.8670247825, 0, 0],
    "Q": [4.4853801170, 22.5605947955, 0.0867346939, 0.2],
    "Q_P.Value": [0.2135980606, 0.0000498600, 0.9575595689, 0.9775892978],
    "studies": [4, 4, 3, 4],
}
# metap 1.8: sumz(pnorm(z, lower.tail = FALSE)) with z <- b[i, ] / s[i, ]
SUMZ = [3.8333333333, -0.3666666667, 2.1650635095, 8.2]


def test_random_effects_are_metafors() -> None:
    found = random_effects(EFFECT, SE)
    for column, values in METAFOR.items():
        assert found[column].to_numpy() == pytest.approx(values, rel=1e-6, abs=1e-9), column


def test_stouffer_is_metaps() -> None:
    z, p = stouffer(2 * norm.sf(np.abs(EFFECT / SE)), np.sign(EFFECT))
    assert z == pytest.approx(SUMZ, rel=1e-8)
    assert p == pytest.approx(2 * norm.sf(np.abs(SUMZ)), rel=1e-8)


def test_one_study_is_itself() -> None:
    found = random_effects(np.array([[NAN, 1.5]]), np.array([[NAN, 0.5]])).iloc[0]
    assert (found["logFC"], found["SE"], found["tau2"], found["I2"]) == (1.5, 0.5, 0, 0)
    assert np.isnan(found["Q"]) and np.isnan(found["Q_P.Value"])


def test_tables_are_joined_on_the_gene() -> None:
    def table(name: str, genes: list[str], effect: list[float]) -> Table:
        p = 2 * norm.sf(np.abs(np.array(effect)) / 0.5)
        frame = pd.DataFrame({"gene": genes, "logFC": effect, "P.Value": p})
        return Table(frame, name, f"{name}.csv", "0" * 16, "limma", {})

    one, two = table("one", ["a", "b", "c"], [1.0, 2.0, -0.5]), table("two", ["c", "a"], [-1.5, 1.0])
    found = consensus({"one": one, "two": two})
    assert found["studies"].to_dict() == {"a": 2, "b": 1, "c": 2}
    assert found["agreeing"].to_dict() == {"a": 2, "b": 1, "c": 2}
    assert found.loc["a", ["logFC", "SE"]].tolist() == pytest.approx([1.0, 0.5 / np.sqrt(2)])
    assert found["P.Value"].is_monotonic_increasing
