"""What the caller chose: the dialect, and headers for roles; they stand."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from dge_experiments.errors import BadInput
from dge_experiments.tables.files.source import Facts
from dge_experiments.tables.headers.dialect import Dialect, matches
from dge_experiments.tables.table import ROLES


def dialects(known: Sequence[Dialect], only: str | None) -> list[Dialect]:
    """The dialects to try: all, or the one that was named."""
    if only is None:
        return list(known)
    chosen = [d for d in known if d.name == only]
    if not chosen:
        names = sorted(d.name for d in known)
        near = get_close_matches(only, names, 1)
        raise BadInput(
            f"data.dialect={only}: no such dialect; "
            + (f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}")
        )
    return chosen


def columns(facts: Facts, given: Mapping[str, str]) -> dict[str, int]:
    """Role -> position of the column that was named for it, by `Facts.names` or whatever case and punctuation."""
    fixed = {}
    for role, header in given.items():
        if role not in ROLES:
            near = get_close_matches(role, ROLES, 1)
            raise BadInput(
                f"data.columns.{role}: no such role; "
                + (f"did you mean {near[0]}?" if near else f"there are {', '.join(ROLES)}")
            )
        hits = [i for i, name in enumerate(facts.names) if name == header]
        hits = hits or [i for i, h in enumerate(facts.headers) if h and matches(header, h)]
        if len(hits) != 1:
            known = ", ".join(map(repr, facts.names[:30]))
            what = "no such column" if not hits else f"{len(hits)} columns of that name"
            raise BadInput(f"{facts.file}: data.columns.{role}={header}: {what} (found {known})")
        fixed[role] = hits[0]
    return fixed
