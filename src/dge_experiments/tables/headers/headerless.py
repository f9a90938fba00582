"""Files without a header: the dialect whose columns, in their order, fit the values."""

from collections.abc import Mapping, Sequence

import numpy as np

from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.detected import Detected
from dge_experiments.tables.headers.dialect import Dialect


def detect(columns: Columns, dialects: Sequence[Dialect]) -> Detected | None:
    """The first dialect whose columns, in its order, have values that fit their roles; None if there is none."""
    for dialect in dialects:
        roles = {role: i for i, role in enumerate(dialect.headerless)}
        if not roles or len(columns) < len(roles):
            continue
        if all(columns.fits(i, role) for role, i in roles.items()) and _agree(columns, roles):
            why = f"no header; {len(columns)} columns with the values of {dialect.name} in its order"
            return Detected(dialect, roles, why, sure=True)
    return None


def _agree(columns: Columns, roles: Mapping[str, int]) -> bool:
    """Whether ids are text, adjusted p values not smaller than p values, and standard errors not negative."""
    if "id" in roles and columns.numeric(roles["id"]):
        return False
    values = {role: columns.values(i) for role, i in roles.items() if role != "id"}
    if any(not len(values[role]) for role in ("effect", "p", "adjusted_p") if role in values):
        return False
    if {"p", "adjusted_p"} <= set(values) and np.median(values["adjusted_p"]) < np.median(values["p"]):
        return False
    return "se" not in values or bool((values["se"] >= 0).all())
