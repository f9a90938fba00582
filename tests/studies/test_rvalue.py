import numpy as np
import pytest
from scipy.stats import norm

from dge_experiments.studies.rvalue import follow_up, one_sided, symmetric
from studies.two import two_studies

# printed by R's radjust 0.1.0 for its data set mice (README): features selected in both studies
NAMES = [2, 9, 14, 16, 17, 20, 21, 23, 24, 25, 26, 27]
FIRST = [1.18873e-03, 6.11236e-03, 4.34268e-05, 5.88782e-03, 1.75750e-02, 1.57223e-02, 2.64690e-06, 3.32734e-09,
         6.65468e-09, 3.32734e-09, 6.65468e-09, 6.65468e-09]  # fmt: skip
SECOND = [1.61210e-06, 3.16097e-08, 4.77527e-03, 1.96218e-04, 3.26740e-04, 6.52192e-05, 2.34075e-02, 5.37832e-05,
          7.59238e-03, 1.37186e-05, 3.15068e-04, 9.48060e-05]  # fmt: skip
R_VALUES = [0.004004153, 0.012868127, 0.012868127, 0.012868127, 0.026909119, 0.026479584, 0.036959205, 0.000509525,
            0.015983952, 0.000259932, 0.001492426, 0.000598774]  # fmt: skip


def test_two_studies_are_radjusts_published_example() -> None:
    """29 features; 20 selected in study 1, 19 in study 2, 12 in both; feature 17 points to the other side."""
    right = np.array(NAMES) == 17
    both = [np.where(right, 1 - np.array(p), p) for p in (FIRST, SECOND)]
    alone, undecided = np.full(8, 0.04), np.full(8, 0.5)
    p = np.concatenate([both[0], alone, undecided[:7], [0.5, 0.5]])
    second = np.concatenate([both[1], undecided, alone[:7], [0.5, 0.5]])
    found = symmetric(p, second)
    assert (found.selected, found.second_selected) == (20, 19)
    assert (found.null, found.second_null) == pytest.approx((0.4432133, 0.4736842), abs=1e-7)
    assert found.r_values[:12] == pytest.approx(R_VALUES, rel=1e-5)
    assert (found.r_values[12:] == 1).all()


def test_a_follow_up_is_radjusts() -> None:
    """radjust_pf(c(1e-6, .0002, .004, .01, .03), c(.02, .001, .3, .004, .0005), m = 25) in R."""
    found = follow_up([1e-6, 0.0002, 0.004, 0.01, 0.03], [0.02, 0.001, 0.3, 0.004, 0.0005], 25)
    assert found == pytest.approx([0.1, 0.01, 0.6, 1 / 6, 0.375])
    with pytest.raises(ValueError, match="2 genes examined and 3"):
        follow_up([0.1] * 3, [0.1] * 3, 2)


def test_the_false_discovery_rate_is_kept() -> None:
    """Half of the genes have an effect in one study alone: these are false replications."""
    false, calls = [], []
    for seed in range(60):
        two = two_studies(1000, 0.1, 4, seed=seed)
        rng = np.random.default_rng(1000 + seed)
        only = np.where(rng.random(1000) < 0.2, rng.normal(0, 4, 1000), 0)
        p = one_sided(two.p, two.effect)
        effect = two.second_effect + only
        second = one_sided(2 * norm.sf(np.abs(effect)), effect)
        called = symmetric(p, second).r_values <= 0.05
        truly = (two.truth != 0) & (np.sign(two.truth) == np.sign(two.truth + only))
        false.append((called & ~truly).sum() / max(1, called.sum()))
        calls.append((called & truly).sum())
    assert np.mean(false) < 0.05
    assert np.mean(calls) > 15


def test_no_gene_selected_is_no_replication() -> None:
    assert (symmetric([0.5, 0.4], [0.01, 0.6]).r_values == 1).all()


def test_one_sided_follows_the_sign() -> None:
    assert one_sided([0.04, 0.04, 1.0], [1.0, -1.0, 0.0]) == pytest.approx([0.02, 0.98, 0.5])
