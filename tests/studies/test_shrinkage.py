import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from dge_experiments.errors import BadInput
from dge_experiments.studies import shrinkage
from dge_experiments.studies.shrinkage import chance, prior_of, shrink, standard_errors, without_winners_curse
from studies.two import two_studies

EFFECT = np.array([2.1, -1.8, 0.3, -0.2, 0.05, 0.9, -3.0, 0.4, -0.6, 1.2, 0.1, -0.15, 0.02, -0.4, 2.6, 0.33, -0.7,
                   0.25, -0.05, 0.5])  # fmt: skip
SE = np.array([0.4, 0.5, 0.3, 0.25, 0.2, 0.5, 0.6, 0.35, 0.3, 0.4, 0.2, 0.3, 0.25, 0.5, 0.7, 0.3, 0.4, 0.2, 0.35,
               0.45])  # fmt: skip
# ashrink 0.1.0, a Python port of ashr 2.2-63: fit(EFFECT, SE, null_weight=10).lfsr, .posterior_mean, .prior
FALSE_SIGN = [3.487175e-05, 3.521409e-02, 9.524385e-01, 9.681500e-01, 9.851405e-01, 7.906810e-01, 1.370856e-04,
              9.349574e-01, 7.978068e-01, 2.124782e-01, 9.812213e-01, 9.724385e-01, 9.840717e-01, 9.410291e-01,
              2.439161e-02, 9.461707e-01, 8.317340e-01, 9.545944e-01, 9.769554e-01, 9.228597e-01]  # fmt: skip
MEAN = [2.024930, -1.641996, 0.01666238, -0.007983845, 0.001230497, 0.1855117, -2.768853, 0.02907582, -0.1217475,
        0.9127447]  # fmt: skip


def test_shrinkage_is_ashrs() -> None:
    prior = prior_of(EFFECT, SE)
    assert prior.null == pytest.approx(0.795032, abs=1e-5)
    assert len(prior.scales) == 19 and prior.scales[-1] == pytest.approx(5.8788, abs=1e-4)
    found = shrink(EFFECT, SE, prior)
    assert found.false_sign == pytest.approx(FALSE_SIGN, rel=1e-3)
    assert found.effect[:10] == pytest.approx(MEAN, rel=1e-3)


def test_the_weights_maximise_the_likelihood() -> None:
    prior = prior_of(EFFECT, SE, null_weight=1)
    density = norm.pdf(EFFECT[:, None], scale=np.sqrt(SE[:, None] ** 2 + prior.scales**2))

    def loss(free: np.ndarray) -> float:
        weights = np.exp(free - free.max())
        return -float(np.log(density @ (weights / weights.sum())).sum())

    best = minimize(loss, np.zeros(len(prior.scales)), method="L-BFGS-B").fun
    assert -np.log(density @ prior.weights).sum() <= best + 1e-3


def test_posterior_is_the_integral() -> None:
    """One gene, one component: the conjugate normal; with a spike, Bayes' rule on a grid."""
    prior = shrinkage.Prior(np.array([0.0, 2.0]), np.array([0.6, 0.4]))
    found = shrink([1.5], [1.0], prior)
    grid = np.linspace(-15, 15, 60_001)
    slab = 0.4 * norm.pdf(grid, scale=2) * norm.pdf(1.5, grid) * (grid[1] - grid[0])
    spike = 0.6 * norm.pdf(1.5)
    total = slab.sum() + spike
    assert found.effect[0] == pytest.approx((grid * slab).sum() / total, abs=1e-6)
    assert found.false_sign[0] == pytest.approx((slab[grid < 0].sum() + spike) / total, abs=1e-3)
    holds = norm.sf((1.959964 * 0.7 - grid) / 0.7)
    expected = ((slab * holds).sum() + spike * 0.025) / total
    assert chance([1.5], [1.0], prior, 0.7)[0] == pytest.approx(expected, abs=1e-4)


def test_the_promised_chance_comes_true() -> None:
    two = two_studies(20_000, 0.3, 2.5)
    ones = np.ones(20_000)
    promised = chance(two.effect, ones, prior_of(two.effect, ones), 1.0)
    replicates = (np.sign(two.effect) == np.sign(two.second_effect)) & (two.second_p < 0.05)
    for _, rows in pd.Series(promised).groupby(pd.qcut(promised, 5)):
        assert replicates[rows.index].mean() == pytest.approx(rows.mean(), abs=0.03)


def test_without_prior_effects_the_chance_is_half_of_alpha() -> None:
    nothing = shrinkage.Prior(np.array([0.0]), np.array([1.0]))
    assert chance([5.0, -0.1], [1.0, 1.0], nothing, 2.0) == pytest.approx([0.025, 0.025])


def test_the_winners_curse_is_taken_back() -> None:
    two = two_studies(200_000, 1.0, 0.0, seed=3)
    z = two.effect + 1.5  # every true effect is 1.5 standard errors
    selected = z[np.abs(z) > 1.96]
    assert selected.mean() > 2.5
    corrected = without_winners_curse(selected, 1.96)
    assert abs(corrected.mean() - 1.5) < abs(selected.mean() - 1.5) / 4
    # the likelihood equation holds: given selection, the corrected effect has the observed mean
    draws = np.random.default_rng(0).normal(without_winners_curse([2.5], 1.96)[0], 1, 2_000_000)
    assert draws[np.abs(draws) > 1.96].mean() == pytest.approx(2.5, abs=0.01)
    assert without_winners_curse([10.0, -10.0], 1.96) == pytest.approx([10.0, -10.0], abs=1e-6)
    with pytest.raises(ValueError, match=r"\|z\| > 1.96"):
        without_winners_curse([1.0], 1.96)


def test_standard_errors_follow_from_p() -> None:
    frame = pd.DataFrame(
        {
            "logFC": [2.0, -1.0, 0.0, 1.0, 3.0],
            "P.Value": [0.0455, 0.3173, 0.5, 1.0, 0.0],
            "SE": [9, 9, 0.7, 0.4, 9],
        }
    )
    found = standard_errors(frame)
    assert found[:4] == pytest.approx([1.0, 1.0, 0.7, 0.4], abs=1e-3)
    assert 3 / found[4] == pytest.approx(norm.isf(5e-301))
    assert standard_errors(frame.drop(columns="SE"))[2] == pytest.approx(1.0, abs=1e-3)
    with pytest.raises(BadInput, match="needs logFC and P.Value"):
        standard_errors(frame[["logFC"]])
