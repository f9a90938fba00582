from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import norm

from dge_experiments.studies.answers import answers, replicated
from dge_experiments.studies.luck import Luck, by_level, luck
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
    found = luck(first, second, np.array(second) != 0, counted=counted, correlation=0)
    mean, variance = every_deal(first, second, counted)
    assert found.expected * found.genes == pytest.approx(mean)
    z = (found.seen * found.genes - 0.5 - mean) / np.sqrt(variance)
    assert found.p_value == found.p_correlated == pytest.approx(norm.sf(z))


def test_a_share_of_true_effects_is_seen_beyond_luck() -> None:
    two = two_studies(changed=0.2)
    found = luck(two.effect, two.second_effect, two.second_p < 0.05)
    assert found.seen == pytest.approx(
        replicated(two.effect, two.second_effect, two.second_p < 0.05).mean(), abs=1e-12
    )
    assert found.beyond
    # of the genes without effect 5 % are significant, half of them with the sign of the first table
    null = luck(two.effect, two.second_effect, two.second_p < 0.05, counted=two.truth == 0)
    assert null.seen == pytest.approx(0.025, abs=0.006)
    # by luck: half of what is significant in the second table
    assert found.expected == pytest.approx((two.second_p < 0.05).mean() / 2, abs=0.002)


def test_the_opposite_sign_is_luck_alone_where_nothing_is_true() -> None:
    two = two_studies(changed=0.0)
    found = luck(two.effect, two.second_effect, two.second_p < 0.05)
    assert found.opposite == pytest.approx(found.opposite_expected, abs=0.006)
    assert not found.beyond
    assert found.sentence.startswith("Nothing replicates beyond luck: ")


def test_the_level_holds_for_independent_genes() -> None:
    tests = [two_studies(400, 0.0, seed=seed) for seed in range(300)]
    found = [luck(t.effect, t.second_effect, t.second_p < 0.3, correlation=0).p_value for t in tests]
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
        found = luck(first, second, np.abs(second) > 1, correlation=rms)
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
    hits = np.abs(effect) > 1.96
    overall = luck(effect, second, np.abs(second) > 1.96, counted=hits)
    within = luck(effect, second, np.abs(second) > 1.96, counted=hits, strata=by_level(level))
    assert overall.expected < 0.08
    assert within.expected == pytest.approx(within.seen, abs=0.03)
    assert not within.beyond


def test_levels_are_equally_large_groups() -> None:
    assert by_level([5, 1, 4, 2, 3, 0], strata=3).tolist() == [2, 0, 2, 1, 1, 0]
    assert by_level([1.0]).tolist() == [0]


def test_nothing_to_count_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="a gene to count"):
        luck([1.0], [1.0], [True], counted=[False])


def of(first: Table, second: Table, hits: bool) -> Luck:
    a, b = answers(first), answers(second)
    shared = a.index.intersection(b.index)
    a, b = a.loc[shared], b.loc[shared]
    counted = (a["P.Value"] < 0.05) if hits else None
    return luck(a["logFC"], b["logFC"], b["P.Value"] < 0.05, counted=counted)


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
    every, hits = (of(*tables, hits=hits) for hits in (False, True))
    assert (every.expected, every.seen) == pytest.approx((expected, seen), abs=6e-4)
    assert hits.beyond == beyond
