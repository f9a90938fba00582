"""Cells read well, and sort by the number behind them."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.report.cells import cell, cells


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
