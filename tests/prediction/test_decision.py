import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from dge_experiments.prediction.decision import Bounds, _added, at_rate, bounds, of_top

# venn-abers 1.5.4: VennAbers().fit(np.c_[1 - SCORE, SCORE], Y).predict_proba(np.c_[1 - ASKED, ASKED])[1]
SCORE = np.round(np.random.default_rng(5).random(40), 3)
Y = np.array([int(digit) for digit in "1110000011101110010000101101101010000001"])
ASKED = [0.05, 0.2, 0.4, 0.55, 0.7, 0.95]
LOW = [0.0625, 0.0625, 0.0625, 0.571429, 0.642857, 0.833333]
HIGH = [0.125, 0.125, 0.5, 0.714286, 0.75, 1.0]


def genes(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels whose chance is known, and the score of a model that overstates it."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    return (rng.random(n) < 1 / (1 + np.exp(3 - 2 * z))).astype(int), 1 / (1 + np.exp(1 - 1.5 * z))


def test_bounds_are_venn_abers() -> None:
    assert [_added(SCORE, Y, s, 0.0) for s in ASKED] == pytest.approx(LOW, abs=1e-6)
    assert [_added(SCORE, Y, s, 1.0) for s in ASKED] == pytest.approx(HIGH, abs=1e-6)
    found = bounds(Y, SCORE)
    fitted = IsotonicRegression().fit(SCORE, Y).predict(found.score)
    assert (found.low <= fitted + 1e-12).all() and (found.high >= fitted - 1e-12).all()
    assert found.above[-1] == 1 and found.above[0] == 40
    chance = found.chance(SCORE)
    low, high = found.at(SCORE)
    assert ((low <= chance) & (chance <= high)).all()


def test_what_is_promised_of_the_top_comes_true() -> None:
    inside = []
    for seed in range(20):
        known = bounds(*genes(400, seed))
        y, score = genes(2000, 1000 + seed)
        found = of_top(score, known, 40)
        held = int(y[np.argsort(-score)[:40]].sum())
        inside.append(found.least <= held <= found.most)
    assert np.mean(inside) > 0.9


def test_the_cut_for_a_wanted_rate_gives_that_rate() -> None:
    known = bounds(*genes(20_000, 0))
    y, score = genes(50_000, 1)
    found = at_rate(score, known, 0.5)
    assert y[score >= found.cut].mean() == pytest.approx(0.5, abs=0.03)
    assert found.expected == pytest.approx(0.5 * found.top, rel=0.01)
    assert at_rate(score, known, 0.999).sentence == "No gene reaches the wanted rate."


def test_more_known_genes_make_it_surer() -> None:
    _, score = genes(2000, 1)
    few, many = (of_top(score, bounds(*genes(n, 0)), 100) for n in (200, 20_000))
    assert many.most - many.least < few.most - few.least


def test_genes_without_answer_are_left_out_and_a_short_list_is_taken_whole() -> None:
    known = bounds(Y, SCORE)
    found = of_top([0.9, np.nan, 0.1], known, 40)
    assert (found.top, found.cut) == (2, 0.1)


def test_a_model_carries_them_as_numbers() -> None:
    known = bounds(Y, SCORE)
    same = Bounds.of(known.metadata)
    assert all(np.array_equal(getattr(same, name), getattr(known, name)) for name in known.metadata)
