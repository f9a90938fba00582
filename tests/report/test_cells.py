"""Cells read well, and sort by the number behind them."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.report.page.cells import Estimate, cell, cells, estimates, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.500"),
        (-0.0123, "−0.012"),
        (2.5e-7, "2.5e−07"),
        (12625, "12,625"),
        (123456.7, "123,457"),
        (1.0, "1.000"),
        (0.99996, "0.9999"),
        (0.9996, "0.9996"),
        (0.0, "0.000"),
        (np.float64("nan"), "–"),
        (None, "–"),
        (True, "yes"),
        ("<b>", "<b>"),
    ],
)
def test_a_cell_as_it_is_read(value: object, text: str) -> None:
    assert cell(value).text == text


def test_a_cell_sorts_by_its_number_at_full_precision() -> None:
    assert float(cell(1 / 3).key) == 1 / 3
    assert cell(float("nan")).key == ""
    assert [c.number for c in cells(pd.DataFrame({"a": [1], "b": [0.5], "c": ["x"]}))[0]] == [
        True,
        True,
        False,
    ]


def test_an_estimate_sorts_by_its_value_and_shows_the_limits_it_has() -> None:
    told, untold = cell(Estimate(0.5, 0.25, 0.75)), cell(Estimate(1.0, float("nan"), float("nan")))
    assert (told.text, told.limits, told.key, told.number) == ("0.500", "[0.250, 0.750]", "0.5", True)
    assert (untold.text, untold.limits) == ("1.000", "")
    frame = pd.DataFrame({"a": [0.5], "a_low": [0.25], "a_high": [0.75]})
    assert estimates(frame, "a", "a_low", "a_high").tolist() == [Estimate(0.5, 0.25, 0.75)]
    assert np.isnan(estimates(frame, "a", "no", "such")[0].low)


def test_a_share_is_all_or_none_only_where_it_is() -> None:
    shares = (1.0, 2524 / 2525, 0.99999, 0.975, 0.0002, 1e-6, 0.0)
    assert list(map(percent, shares)) == ["100.0%", "99.96%", "99.99%", "97.5%", "0.02%", "0.01%", "0.0%"]
