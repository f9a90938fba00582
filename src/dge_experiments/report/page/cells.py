"""Cells of a table: the text that people read, and the key that a column sorts by."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Estimate:
    """A score and the limits of its interval; nan where it has none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Cell:
    """``text`` is shown, and ``limits`` after it; ``key`` sorts (the number at full precision, or the text); ``number``
    aligns right."""

    text: str
    key: str
    number: bool
    limits: str = ""


def estimates(frame: pd.DataFrame, column: str, low: str, high: str) -> pd.Series:
    """``column`` with its limits, where the frame has them, as one column of estimates."""
    unknown = pd.Series(np.nan, index=frame.index)
    ends = (frame.get(end, unknown) for end in (low, high))
    return pd.Series(map(Estimate, frame[column], *ends), index=frame.index, dtype=object)


def cells(frame: pd.DataFrame) -> list[list[Cell]]:
    """The rows of ``frame`` as cells; its index is left out."""
    return [[cell(value) for value in row] for row in frame.itertuples(index=False, name=None)]


def cell(value: object) -> Cell:
    """One cell: whole numbers with thousands, others with four digits, nothing for a missing one."""
    if isinstance(value, Estimate):
        limits = f"[{number(value.low)}, {number(value.high)}]" if value.low == value.low else ""
        return Cell(number(value.value), repr(float(value.value)), True, limits)
    if isinstance(value, bool | np.bool_):
        return Cell("yes" if value else "no", str(int(value)), False)
    if value is None or value is pd.NA or (isinstance(value, Real) and np.isnan(float(value))):
        return Cell("–", "", True)
    if isinstance(value, Integral):
        return Cell(f"{int(value):,}", str(int(value)), True)
    if isinstance(value, Real):
        return Cell(number(float(value)), repr(float(value)), True)
    return Cell(str(value), str(value), False)


def number(value: float) -> str:
    """Three decimals, or two digits in scientific notation for very small or large numbers; 1.000 is exactly 1."""
    if 0.9995 <= value < 1:  # not yet perfect
        return f"{min(value, 0.9999):.4f}"
    if value == 0 or 0.001 <= abs(value) < 1000:
        return f"{value:.3f}".replace("-", "−")
    if 1000 <= abs(value) < 1e6:
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:.1e}".replace("-", "−")


def percent(share: float) -> str:
    """One decimal, or two close to 0 and 1; 100.0% only for all, 0.0% only for none."""
    if 0.9995 <= share < 1:
        return f"{min(share, 0.9999):.2%}"
    if 0 < share < 0.0005:
        return f"{max(share, 0.0001):.2%}"
    return f"{share:.1%}"


def in_words(frame: pd.DataFrame, column: str, what: str = "") -> str:
    """``column`` of each ``feature`` in words, for readers who cannot see the figure."""
    return ", ".join(
        f"{row['feature']} {what} {row[column]:.3f}".replace("  ", " ") for _, row in frame.iterrows()
    )
