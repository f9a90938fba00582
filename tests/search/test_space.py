import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dge_experiments.errors import BadInput
from dge_experiments.search.space import Choices, Range, distributions, grid, parse

EVERYTHING = (-math.inf, math.inf)


def test_one_declaration_reads_as_grid_and_as_distributions() -> None:
    space = parse(
        {
            "trees": {"low": 50, "high": 200, "log": True, "points": 3},
            "C": {"low": 0.01, "high": 100, "log": True, "points": 5},
            "depth": {"choices": [None, 5]},
        }
    )
    points = grid(space)
    assert len(points) == 3 * 5 * 2
    assert sorted({p["trees"] for p in points}) == [50, 100, 200]
    assert sorted({p["C"] for p in points}) == [0.01, 0.1, 1.0, 10.0, 100.0]
    assert points[0] == {"trees": 50, "C": 0.01, "depth": None}
    assert points[1] == {"trees": 50, "C": 0.01, "depth": 5}
    assert distributions(space) == {
        "trees": IntDistribution(50, 200, log=True),
        "C": FloatDistribution(0.01, 100, log=True),
        "depth": CategoricalDistribution((None, 5)),
    }


def test_choices_added_on_the_command_line_replace_the_range_of_the_yaml() -> None:
    given = {"low": 0.1, "high": 100, "log": True, "points": 4, "choices": [1.0, 10.0]}
    assert grid(parse({"C": given})) == [{"C": 1.0}, {"C": 10.0}]


def test_a_space_without_dimensions_has_one_candidate() -> None:
    assert grid(parse({})) == [{}]


def test_a_value_has_its_place_in_the_range() -> None:
    assert [Range(1, 9).place(v) for v in (1, 5, 9)] == [0, 0.5, 1]
    assert [Range(0.01, 100.0, log=True).place(v) for v in (0.01, 1.0, 100.0)] == pytest.approx([0, 0.5, 1])
    assert Range(3, 3).place(3) == 0.5
    assert [Choices((None, 5, "x")).place(v) for v in (None, 5, "x")] == [0, 0.5, 1]
    assert Choices((7,)).place(7) == 0.5


@pytest.mark.parametrize(
    ("range_", "edge", "limits", "wider"),
    [
        (Range(0.01, 10.0, log=True), "low", EVERYTHING, 0.001),
        (Range(50, 200, log=True), "high", EVERYTHING, 2000),
        (Range(50, 200, log=True), "low", EVERYTHING, 5),
        (Range(2, 8), "high", EVERYTHING, 14),
        (Range(2, 5), "low", (2, math.inf), 2),
        (Range(1, 4, log=True), "low", EVERYTHING, 1),
        (Range(0.5, 0.9), "high", (0, 1), 1),
        (Range(0.0, 5.0), "low", (0, math.inf), 0.0),
        (Range(-1.0, 1.0), "low", EVERYTHING, -3.0),
    ],
)
def test_wider_ends_stay_within_the_limits(
    range_: Range, edge: str, limits: tuple[float, float], wider: float
) -> None:
    assert range_.widened(edge, limits) == pytest.approx(wider)


@given(low=st.floats(1e-6, 1e3), factor=st.floats(1, 1e6), points=st.integers(1, 9), log=st.booleans())
def test_every_point_of_a_grid_is_in_its_range(low: float, factor: float, points: int, log: bool) -> None:
    dimension = Range(low, low * factor, log, points)
    known = dimension.distribution()
    for value in dimension.grid():
        assert known._contains(known.to_internal_repr(value))
        assert 0 <= dimension.place(value) <= 1


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"low": 8, "high": 2}, "low must not be above high, but low=8 and high=2"),
        ({"low": 0, "high": 2, "log": True}, "a log scale needs low above 0"),
        ({"low": 1}, "a dimension is"),
        ({"low": 1, "high": 2, "step": 1}, "a dimension is"),
        ({"low": "a", "high": 2}, "must be a number"),
        ({"low": True, "high": 2}, "must be a number"),
        ({"low": 1, "high": 2, "points": 0}, "whole number"),
        ({"choices": []}, "name at least one"),
        ({"choices": [[1]]}, "must be a number, text"),
        (3, "is {low, high, log, points}"),
    ],
)
def test_what_is_no_dimension_is_refused_by_its_key(spec: object, message: str) -> None:
    with pytest.raises(BadInput, match="^model.space.C") as error:
        parse({"C": spec})
    assert message in str(error.value)


def test_a_grid_needs_points() -> None:
    with pytest.raises(BadInput, match="model.space.C.points=3"):
        grid(parse({"C": {"low": 1, "high": 2}}))
