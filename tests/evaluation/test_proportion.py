import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from dge_experiments.evaluation.proportion import near_ends, wilson


@pytest.mark.parametrize(
    ("successes", "n"), [(0, 10), (10, 10), (4, 4), (19, 300), (2_400, 2_525), (1, 1), (7.5, 30.25)]
)
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_is_statsmodels(successes, n, level):
    expected = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    assert wilson(successes, n, level) == pytest.approx(expected, abs=1e-9)


def test_wilson_of_nothing_is_nan():
    assert np.isnan(wilson(0, 0)).all()


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(successes, n):
    with pytest.raises(ValueError, match="0 <= successes <= n must hold"):
        wilson(successes, n)


def test_near_the_ends_the_limit_is_poissons():
    """One of 40: exp(-40 p) = 0.95; elsewhere Wilson's."""
    low, high = near_ends(1, 40)
    assert low == pytest.approx(-np.log(0.95) / 40)
    assert high == wilson(1, 40)[1]
    assert near_ends(39, 40) == pytest.approx((1 - high, 1 - low))
    for successes in (0, 3, 20, 37, 40):
        assert near_ends(successes, 40) == wilson(successes, 40)
    assert near_ends(3, 60)[0] < wilson(3, 60)[0]
