from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import norm

from dge_experiments.studies.answers import replicated
from dge_experiments.studies.luck import by_level, luck
from dge_experiments.studies.replication import replicate
from dge_experiments.tables import Table
from studies.two import two_studies


def every_deal(first: list[int], second: list[int], counted: list[bool]) -> tuple[float, float]:
    """Mean and variance of the number that replicates over all ways to deal the second's answers."""
    numbers = [
        sum(c and a == b != 0 for a, b, c in zip(first, dealt, counted, strict=True))
        for dealt in permutations(second)
    ]
    return float(np.mean(numbers)), float(np.var(numbers))


@pytest.mark.parametrize("counted", [[True] * 7, [True, True, False, True, False, True, True]])
def test_mean_and_variance_are_those_of_all_deals(counted: list[bool]) -> None:
    first, second = [1, 1, -1, 1, -1, -1, 1], [1, 0, -1, 1, 1, 0, -1]
    found = luck(first, np.array(second), counted=counted, correlation=0)
    mean, variance = every_deal(first, second, counted)
    assert found.expected * found.genes == pytest.approx(mean)
    z = (found.seen * found.genes - 0.5 - mean) / np.sqrt(variance)
    assert found.p_value == found.p_correlated == pytest.approx(norm.sf(z))


def test_a_share_of_true_effects_is_seen_beyond_luck() -> None:
    two = two_studies(changed=0.2)
    found = luck(two.effect, two.signs())
    assert found.seen == pytest.approx(
        replicated(two.effect, two.second_effect, two.second_p < 0.05).mean(), abs=1e-12
    )
    assert found.beyond
    # of the genes without effect 5 % are significant, half of them with the sign of the first table
    null = luck(two.effect, two.signs(), counted=two.truth == 0)
    assert null.seen == pytest.approx(0.025, abs=0.006)
    # by luck: half of what is significant in the second table
    assert found.expected == pytest.approx((two.second_p < 0.05).mean() / 2, abs=0.002)


def test_the_opposite_sign_is_luck_alone_where_nothing_is_true() -> None:
    two = two_studies(changed=0.0)
    found = luck(two.effect, two.signs())
    assert found.opposite == pytest.approx(found.opposite_expected, abs=0.006)
    assert not found.beyond
    assert found.sentence.startswith("Nothing replicates beyond luck: ")


def test_the_level_holds_for_independent_genes() -> None:
    tests = [two_studies(400, 0.0, seed=seed) for seed in range(300)]
    found = [luck(t.effect, t.signs(0.3), correlation=0).p_value for t in tests]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_the_level_holds_for_correlated_genes_and_the_independent_one_does_not() -> None:
    """Both studies share 50 modules of 40 genes; the first half of a module moves against the second."""
    naive, correlated = [], []
    loading = np.tile(np.repeat([0.7, -0.7], 20), 50)
    rms = float(np.sqrt(39 / 1999) * 0.7**2)
    rng = np.random.default_rng(1)
    for _ in range(300):
        first, second = (
            np.repeat(rng.normal(size=50), 40) * loading + rng.normal(size=2000) * np.sqrt(1 - 0.7**2)
            for _ in range(2)
        )
        found = luck(first, np.sign(second) * (np.abs(second) > 1), correlation=rms)
        naive.append(found.p_value < 0.05)
        correlated.append(found.p_correlated < 0.05)
    assert np.mean(naive) > 0.1
    assert np.mean(correlated) < 0.07


def test_answers_are_dealt_within_levels_of_expression() -> None:
    """Genes that both studies can measure are significant in both: by luck more of the first's hits replicate."""
    rng = np.random.default_rng(2)
    level = rng.normal(size=6000)
    high = level > np.quantile(level, 0.8)
    effect, second = (rng.normal(size=6000) * np.where(high, 3, 0.5) for _ in range(2))
    hits, signs = np.abs(effect) > 1.96, np.sign(second) * (np.abs(second) > 1.96)
    overall = luck(effect, signs, counted=hits)
    within = luck(effect, signs, counted=hits, strata=by_level(level))
    assert overall.expected < 0.08
    assert within.expected == pytest.approx(within.seen, abs=0.03)
    assert not within.beyond


def test_the_luck_of_agreement_is_that_of_all_deals() -> None:
    """Two of three studies; the last does not have the last two genes."""
    rng = np.random.default_rng(4)
    first = rng.choice([-1, 1], 60)
    signs = rng.choice([-1, 0, 1], (60, 3))
    present = np.ones((60, 3), bool)
    present[-20:, 2] = False
    signs[~present] = 0
    found = luck(first, signs, present, 2, correlation=0)
    numbers = []
    for _ in range(4000):
        dealt = signs.copy()
        for k, size in enumerate((60, 60, 40)):
            dealt[:size, k] = rng.permutation(signs[:size, k])
        numbers.append((((dealt == first[:, None]) & (dealt != 0)).sum(axis=1) >= 2).mean())
    assert found.expected == pytest.approx(np.mean(numbers), abs=0.01)
    assert found.high - found.expected == pytest.approx(1.96 * np.std(numbers), rel=0.15)


def test_one_study_is_the_same_by_either_way() -> None:
    two = two_studies(300, 0.3)
    exact = luck(two.effect, two.signs(), correlation=0)
    absent = luck([*two.effect, 1], np.append(two.signs(), 0), np.arange(301) < 300, correlation=0)
    assert absent.expected * 301 == pytest.approx(exact.expected * 300, abs=1e-9)
    assert absent.p_value == pytest.approx(exact.p_value, rel=1)


def test_levels_are_equally_large_groups() -> None:
    assert by_level([5, 1, 4, 2, 3, 0], strata=3).tolist() == [2, 0, 2, 1, 1, 0]
    assert by_level([1.0]).tolist() == [0]


def test_nothing_to_count_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="a gene to count"):
        luck([1.0], np.ones(1), counted=[False])


BIPOLAR = {
    "id": "ensemblID", "effect": "logFC_dxEffect", "statistic": "t_dxEffect", "p": "P.Value_dxEffect",
    "adjusted_p": "adj.P.Val_dxEffect", "log_odds": "B_dxEffect",
}  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "columns", "expected", "seen", "beyond"),
    [
        ("brain_array_AAD", "brain_rnaseq_ASD", {}, 0.074, 0.075, False),
        ("brain_array_IBD", "brain_rnaseq_ASD", {}, 0.075, 0.084, False),
        ("brain_array_ASD", "brain_rnaseq_ASD", {}, 0.077, 0.133, True),
        ("brain_array_BD", "brain_rnaseq_BD", BIPOLAR, 0.114, 0.132, True),
    ],
)
def test_real_studies_and_negative_controls(
    study: Callable[..., Table],
    first: str,
    second: str,
    columns: dict[str, str],
    expected: float,
    seen: float,
    beyond: bool,
) -> None:
    tables = study(first), study(second, columns=columns)
    found = replicate(tables[0], tables[1:])
    assert (found.luck.expected, found.luck.seen) == pytest.approx((expected, seen), abs=6e-4)
    assert found.beyond_luck == beyond
    assert found.sentences[0].startswith("Of the first table's hits: nothing") != beyond
