"""The health of p values: classes of known histograms, the share of true nulls as R's qvalue gives it."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from dge_experiments.tables import describe, read
from dge_experiments.tables.checks.pvalues import health

M = 2000
RANKS = np.arange(1, M + 1)
EVEN = (RANKS - 0.5) / M
# qvalue::pi0est(p, pi0.method = "smoother"): smooth.spline(lambda, pi0(lambda), df = 3) of R 4 at lambda = 0.95
OF_R = {
    "a quarter changed": (np.where(RANKS % 4 == 0, EVEN**6, EVEN), 0.794796),
    "all null": ((RANKS * 7919 % M + 0.5) / M, 1.0),
    "all changed a little": (EVEN**3, 0.330734),
    "too large": (1 - EVEN**2, 1.0),
}


@pytest.mark.parametrize("name", OF_R)
def test_the_share_of_true_nulls_is_that_of_r(name):
    p, expected = OF_R[name]
    assert health(p).null_share == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_mixture_of_uniform_and_zero_has_its_share(share):
    uniform = (np.arange(int(10_000 * share)) + 0.5) / int(10_000 * share)
    p = np.concatenate([uniform, np.full(10_000 - len(uniform), 1e-9)])
    assert health(p).null_share == pytest.approx(share, abs=1e-3)


SHAPES = {
    "anti-conservative": np.concatenate([EVEN, EVEN / 50]),
    "uniform": EVEN,
    "conservative": 1 - EVEN**2,
    "U-shaped": np.concatenate([EVEN, EVEN / 50, 1 - EVEN / 50]),
    "other": np.concatenate([EVEN, 0.4 + EVEN / 20]),
    "discrete": np.concatenate([EVEN, np.ones(400)]),
    "cut": EVEN / 20,
    "few": EVEN[::40],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shape_of_a_histogram(shape):
    found = health(np.append(np.random.default_rng(0).permutation(SHAPES[shape]), [np.nan, 7.0]))
    assert found.shape == shape
    assert sum(found.counts) == len(SHAPES[shape])
    assert (found.null_share is None) == (shape in ("cut", "few"))


def test_few_distinct_values_are_discrete():
    assert health(np.repeat(np.arange(1, 21) / 20, [10] * 19 + [300])).shape == "discrete"


@pytest.mark.parametrize("n", [100, 400, 12_625, 1_000_000])
def test_the_limit_is_the_binomial_quantile(n):
    assert health((np.arange(n) + 0.5) / n).limit == binom.ppf(1 - 0.05 / 20, n, 1 / 20)


@pytest.mark.parametrize("seed", range(20))
def test_uniform_p_values_are_called_so(seed):
    """A bin of twenty stands out in one of twenty histograms at most: here in fewer than four of twenty."""
    wrong = sum(health(np.random.default_rng((seed, k)).random(1000)).shape != "uniform" for k in range(10))
    assert wrong <= 3


def test_a_shape_worth_knowing_is_a_finding_and_described(tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"gene": [f"G{i}" for i in range(M)], "logFC": rng.normal(size=M), "P.Value": 1 - EVEN**2}
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    table = read(tmp_path / "t.csv")
    assert "p_conservative" in {finding.code for finding in table.findings}
    description = describe(table)["p_values"]
    assert (description["shape"], description["null_share"], len(description["counts"])) == (
        "conservative",
        1.0,
        20,
    )
    frame.drop(columns="P.Value").assign(padj=EVEN).to_csv(tmp_path / "t.csv", index=False)
    assert describe(read(tmp_path / "t.csv"))["p_values"] is None
