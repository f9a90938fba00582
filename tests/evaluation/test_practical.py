import numpy as np
import pytest

from dge_experiments.evaluation.comparison import corrected_t_test
from dge_experiments.evaluation.practical import practical


def test_without_a_margin_it_is_the_one_sided_corrected_t_test():
    """Corani & Benavoli 2015, section 3: the posterior probability is one less the frequentist p-value."""
    differences = np.random.default_rng(0).normal(0.01, 0.03, 25)
    p = corrected_t_test(differences, 80, 20)[1]
    found = practical(differences, 80, 20, rope=0)
    assert found.second == pytest.approx(p / 2)
    assert found.first == pytest.approx(1 - p / 2)
    assert found.equal == pytest.approx(0)


def test_margin_takes_what_lies_in_it():
    differences = np.random.default_rng(0).normal(0, 0.002, 25)
    found = practical(differences, 80, 20)
    assert found.equal > 0.99
    assert found.first + found.equal + found.second == pytest.approx(1)
    swapped = practical(-differences, 80, 20)
    assert (swapped.first, swapped.second) == pytest.approx((found.second, found.first))


@pytest.mark.parametrize(
    ("differences", "expected"), [(0.0, "equal"), (0.01, "equal"), (0.05, "first"), (-0.05, "second")]
)
def test_folds_that_all_say_the_same(differences, expected):
    assert getattr(practical(np.full(25, differences), 80, 20), expected) == 1


def test_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="two folds or more"):
        practical([0.1], 80, 20)
