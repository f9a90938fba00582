import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from dge_experiments.errors import BadInput
from dge_experiments.tables.simulated import simulate
from dge_experiments.tables.table import Table

DEFAULT = {
    "samples": 5,
    "changed": 0.1,
    "prior_df": 4.0,
    "prior_variance": 0.05,
    "effect_variance": 4.0,
    "seed": 1,
}


def simulated_table(genes: int = 20000, **given: float) -> Table:
    return simulate(genes, **{**DEFAULT, **given})  # type: ignore[arg-type]


def test_the_statistics_of_a_gene_agree() -> None:
    frame = simulated_table().frame
    assert (np.sign(frame["logFC"]) == np.sign(frame["t"])).all()
    assert np.allclose(frame["P.Value"], 2 * stats.t.cdf(-frame["t"].abs(), 12), rtol=1e-9)
    assert np.allclose(frame["adj.P.Val"], multipletests(frame["P.Value"], method="fdr_bh")[1])
    order = frame["t"].abs().sort_values().index
    assert frame["P.Value"][order].is_monotonic_decreasing
    assert frame["B"][order].is_monotonic_increasing


def test_b_is_the_log_odds_that_a_gene_is_changed() -> None:
    table = simulated_table(400_000, changed=0.3)
    odds = table.frame["B"]
    # posterior probability averages to the prior share; it does only where B is calibrated
    assert (1 / (1 + np.exp(-odds))).mean() == pytest.approx(0.3, abs=0.003)


def test_null_genes_have_uniform_p_and_moderated_t() -> None:
    frame = simulated_table(50_000, changed=1e-9).frame
    assert stats.kstest(frame["P.Value"], "uniform").pvalue > 0.001
    assert stats.kstest(frame["t"], stats.t(12).cdf).pvalue > 0.001


def test_a_seed_gives_the_same_table() -> None:
    assert simulated_table(100).digest == simulated_table(100).digest
    assert simulated_table(100).digest != simulated_table(100, seed=2).digest
    pd.testing.assert_frame_equal(simulated_table(100).frame, simulated_table(100).frame)
    assert list(simulated_table(3).frame["gene"]) == ["1", "2", "3"]
    assert simulated_table(3).findings[0].code == "simulated"


@pytest.mark.parametrize(
    ("key", "value"),
    [("samples", 1), ("changed", 1), ("prior_df", 0), ("prior_variance", -1), ("effect_variance", 0)],
)
def test_what_cannot_be_drawn_is_refused(key: str, value: float) -> None:
    with pytest.raises(BadInput, match=f"data.simulated.{key}={value}: must be"):
        simulated_table(10, **{key: value})
    with pytest.raises(BadInput, match="data.simulated.genes=0"):
        simulated_table(0)
