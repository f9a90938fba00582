"""The effect of a table: infinite folds, its scale, and the sign of absolute effects."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables import units
from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.files.numbers import Floats
from dge_experiments.tables.headers.detected import Detected

HUGE = 1e300  # Cufflinks writes an infinite fold as 1.79769e+308


def with_infinities(effect: Floats) -> Floats:
    """The effect with infinities in place of the huge numbers that stand for them."""
    if max(np.fmax.reduce(effect), -np.fmin.reduce(effect)) > HUGE:
        return np.where(np.abs(effect) > HUGE, np.copysign(np.inf, effect), effect)
    return effect


def scale_of(detected: Detected, header: str, effect: Floats) -> tuple[str, str]:
    """Scale of the effect, and where it is known from."""
    if detected.effect_scale is not None:
        return detected.effect_scale, "given"
    scale, source = units.effect_scale(detected.declared("effect", header), header, effect)
    if scale != "linear" and detected.log_base not in (None, "none", scale):
        return str(detected.log_base), "folds"
    return scale, source


def sign_of(
    layout: Layout,
    detected: Detected,
    texts: "Mapping[int, pd.Series[Any]]",
    scale: str,
    header: str,
    effect: Floats,
) -> Floats | None:
    """The sign of absolute effects, from the column that says up or down; None where the effects have their own."""
    cells = texts.get(detected.columns.get("direction", -1))
    smallest = np.fmin.reduce(effect)
    if smallest < 0 or (scale == "linear" and smallest < 1):
        return None
    sign = None if cells is None else units.directions(cells)
    if cells is not None and sign is None and "direction" in detected.given:
        words = ", ".join(map(repr, cells.drop_duplicates().head(5)))
        raise BadInput(
            f"{layout.file}: data.columns.direction: its cells must say up or down, and say {words}"
        )
    if sign is None and units.is_absolute(header) and "effect" not in detected.given:
        raise BadInput(
            f"{layout.file}: {header!r} holds absolute effects, and no column says up or down: name it with "
            "data.columns.direction=NAME, or a signed effect with data.columns.effect=NAME"
        )
    return sign if sign is None or (sign < 0).any() or units.is_absolute(header) else None
