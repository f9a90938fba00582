"""The groups of a long table: their column, and the rows of the chosen group."""

from dataclasses import replace

import numpy as np

from dge_experiments.errors import BadInput
from dge_experiments.tables.files.layout import Layout, Source
from dge_experiments.tables.headers import groups
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.detected import Detected
from dge_experiments.tables.loading import Body, ids_repeat


def recognise(source: Source, detected: Detected, body: Body) -> tuple[Detected, Body]:
    """Find the group column of a long table: one with such a name where ids repeat, or one that makes rows unique."""
    position, roles = detected.columns.get("id"), dict(detected.columns)
    if position is None or ("group" in roles and not detected.tentative):
        return detected, body
    repeat = ids_repeat(body, position)
    if "group" in roles:
        return (detected if repeat else replace(detected, columns=_without_group(roles))), body
    if not repeat or body.repeated is None or body.repeated.mean() < groups.REPEATED:
        return detected, body
    candidates = groups.candidates(Columns(source.layout), frozenset(roles.values()))
    texts = {i: text.iloc[: len(body)] for i, text in source.load([], candidates).texts.items()}
    group = groups.telling(body.texts[position], texts)
    if group is None:
        return detected, body
    return replace(detected, columns=roles | {"group": group}), replace(
        body, texts={**body.texts, group: texts[group]}
    )


def _without_group(roles: dict[str, int]) -> dict[str, int]:
    return {role: i for role, i in roles.items() if role != "group"}


def choose(layout: Layout, detected: Detected, body: Body, group: str | None) -> tuple[tuple[str, ...], Body]:
    """The levels of the group column, and the rows of the chosen group."""
    groups = body.texts.get(detected.columns.get("group", -1))
    levels = tuple(dict.fromkeys(groups)) if groups is not None else ()
    if group is None:
        return levels, body
    if groups is None:
        raise BadInput(
            f"data.group={group}: {layout.file} has no group column; name it with data.columns.group=NAME"
        )
    if group not in levels:
        raise BadInput(
            f"data.group={group}: no such group in {layout.file}; there are {', '.join(levels[:30])}"
        )
    return levels, body.rows(np.asarray(groups == group))
