import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata

from dge_experiments.studies.answers import NEEDED
from dge_experiments.studies.examples import study
from dge_experiments.studies.standing import STANDINGS, Standings, standings
from dge_experiments.tables import Table


def frame(genes: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    effect, se = rng.normal(size=genes), rng.uniform(0.2, 1, genes)
    p = 2 * norm.sf(np.abs(effect) / se)
    return pd.DataFrame({"gene": [f"g{i}" for i in range(genes)], "logFC": effect, "P.Value": p, "SE": se})


def test_standings_are_normal_quantiles_of_ranks() -> None:
    found, given = standings(frame()), frame()
    expected = norm.ppf((rankdata(given["logFC"].abs()) - 0.5) / 50)
    assert found["effect"].to_numpy() == pytest.approx(expected)
    order = [found[name].rank().tolist() for name in ("evidence", "precision")]
    assert order == [(-given[name]).rank().tolist() for name in ("P.Value", "SE")]


def test_the_step_of_the_pipeline_says_the_same_as_the_study() -> None:
    given = frame()
    own = study(Table(given, "a", "a.csv", "0" * 16, "limma", {})).standing
    assert np.array_equal(Standings().fit_transform(given[list(NEEDED)]), own[list(STANDINGS)])


def test_scale_and_sign_of_a_table_do_not_matter() -> None:
    given = frame()
    other = given.assign(logFC=-3 * given["logFC"])
    found = [Standings().transform(each[list(NEEDED)]) for each in (given, other)]
    np.testing.assert_allclose(*found, atol=1e-9)


@pytest.mark.parametrize("rows", [1, 4])
def test_where_no_standard_error_follows_all_genes_stand_equal(rows: int) -> None:
    found = Standings().transform(np.zeros((rows, 2)))
    assert np.isfinite(found).all() and np.ptp(found[:, 2:], axis=0).max() == 0
