"""Which dialect a table is written in, and which column plays which role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from dge_experiments.errors import BadInput
from dge_experiments.tables.columns import Columns
from dge_experiments.tables.dialect import GENERIC, Dialect, matches
from dge_experiments.tables.scoring import DECISIVE, WEIGHTS, Match, match
from dge_experiments.tables.source import Facts
from dge_experiments.tables.table import ROLES

NUMERIC = ("effect", "p", "adjusted_p", "statistic", "se", "mean", "log_odds", "neg_log10_p")


@dataclass(frozen=True)
class Reading:
    """How a file is read.

    Attributes
    ----------
    dialect : the dialect chosen; ``generic`` if no tool's names were recognised
    columns : role (``neg_log10_p`` among them) -> column position
    why : why this dialect, in one line
    score : how many headers it explains, weighted
    mapped : the roles that the caller mapped
    target_is_t : whether the statistic is a column named ``target``
    tentative : whether the group column is one by its name only: it is if ids repeat
    """

    dialect: Dialect
    columns: Mapping[str, int]
    why: str
    score: float
    mapped: frozenset[str] = frozenset()
    target_is_t: bool = False
    tentative: bool = False


def detect(
    facts: Facts, dialects: Sequence[Dialect], given: Mapping[str, str], only: str | None = None
) -> Reading | None:
    """Choose dialect and columns; None if the file does not read as a table of DGE results.

    Every dialect is scored by the headers that it explains (weights `WEIGHTS`, minus `ABSENT` for each
    name it
    misses, plus 1 for each of its marks), among columns whose values can play the role. What the best one
    leaves open is read by the dialect ``generic``.

    Parameters
    ----------
    given : role -> header, mapped by the caller: they stand
    only : the name of the dialect to use

    Raises
    ------
    BadInput
        an unknown dialect, role or header; two columns or two dialects as good as each other
    """
    columns = Columns(facts)
    fixed = _mapped(facts, given)
    generic = next((d for d in dialects if d.name == GENERIC), Dialect(GENERIC, {}))
    possible = _chosen(dialects, only)
    if facts.headerless and not fixed:
        return _positional(columns, possible)
    named = [d for d in possible if only or _has(facts, d.requires)]
    taken = frozenset(fixed.values())
    found = [match(columns, d, taken, frozenset(fixed)) for d in named]
    found.sort(key=lambda m: -m.score)
    best = _tie(facts, found, columns)
    roles = {role: hits for role, hits in best.columns.items() if role not in fixed}
    used = {hits[0] for hits in roles.values()} | taken
    for role in NUMERIC:
        if role in roles or role in fixed or (role == "effect" and _effectless(best)):
            continue
        if best.dialect.columns.get(role) == ():
            continue
        if role == "neg_log10_p" and "p" in {*roles, *fixed}:
            continue
        hits = columns.find(generic.columns.get(role, ()), role, frozenset(used))
        if hits:
            roles[role] = hits
            used.add(hits[0])
    chosen = fixed | {role: _one(facts, role, hits) for role, hits in roles.items()}
    target = _target(columns, chosen)
    if target is not None:
        chosen["statistic"] = target
    if "p" in chosen:
        chosen.pop("neg_log10_p", None)
    if not _suffices(chosen, best, fixed):
        return None
    if "id" not in fixed:
        names = (*best.dialect.columns.get("id", ()), *generic.columns.get("id", ()))
        found_id = columns.identifier(names, frozenset(v for r, v in chosen.items() if r != "id"))
        chosen = {r: v for r, v in chosen.items() if r != "id"} | (
            {} if found_id is None else {"id": found_id}
        )
    group = columns.find(generic.columns.get("group", ()), "group", frozenset(chosen.values()))
    tentative = "group" not in chosen and "id" in chosen and bool(group)
    if tentative:
        chosen["group"] = group[0]
    why = _why(best, found, columns)
    return Reading(best.dialect, chosen, why, best.score, frozenset(fixed), target is not None, tentative)


def _has(facts: Facts, required: Sequence[str]) -> bool:
    return all(any(matches(name, header) for header in facts.headers) for name in required)


def _chosen(dialects: Sequence[Dialect], only: str | None) -> list[Dialect]:
    if only is None:
        return list(dialects)
    chosen = [d for d in dialects if d.name == only]
    if not chosen:
        known = sorted(d.name for d in dialects)
        near = get_close_matches(only, known, 1)
        raise BadInput(
            f"data.dialect={only}: no such dialect; "
            + (f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}")
        )
    return chosen


def _mapped(facts: Facts, given: Mapping[str, str]) -> dict[str, int]:
    fixed = {}
    for role, header in given.items():
        if role not in ROLES:
            near = get_close_matches(role, ROLES, 1)
            raise BadInput(
                f"data.columns.{role}: no such role; "
                + (f"did you mean {near[0]}?" if near else f"there are {', '.join(ROLES)}")
            )
        hits = [i for i, h in enumerate(facts.headers) if h == header]
        hits = hits or [i for i, h in enumerate(facts.headers) if h and matches(header, h)]
        if len(hits) != 1:
            known = ", ".join(map(repr, facts.headers[:30]))
            what = "no such column" if not hits else f"{len(hits)} columns of that name"
            raise BadInput(f"{facts.file}: data.columns.{role}={header}: {what} (found {known})")
        fixed[role] = hits[0]
    return fixed


def _tie(facts: Facts, found: list[Match], columns: Columns) -> Match:
    """The best match; asks where another one is as good and reads other columns."""
    best = found[0]
    for other in found[1:]:
        if other.score < best.score or best.score <= 0:
            break
        for role in DECISIVE:
            mine, theirs = best.columns.get(role, []), other.columns.get(role, [])
            if mine and theirs and mine[0] != theirs[0] and not columns.same(mine[0], theirs[0]):
                _one(facts, role, [mine[0], theirs[0]])
    return best


def _one(facts: Facts, role: str, hits: list[int]) -> int:
    if len(hits) > 1:
        names = ", ".join(repr(facts.headers[i]) for i in hits[:8]) + (", ..." if len(hits) > 8 else "")
        raise BadInput(
            f"{facts.file}: {len(hits)} columns could be the {role.replace('_', ' ')}: {names}; "
            f"say which with data.columns.{role}=NAME"
        )
    return hits[0]


def _positional(columns: Columns, dialects: Sequence[Dialect]) -> Reading | None:
    """A file without header: a dialect that says what stands where, if the values agree."""
    for dialect in dialects:
        roles = {role: i for i, role in enumerate(dialect.headerless)}
        if not roles or len(columns) < len(dialect.headerless):
            continue
        if all(columns.fits(i, role) for role, i in roles.items()) and _agrees(columns, roles):
            why = f"no header; {len(columns)} columns with the values of {dialect.name} in its order"
            return Reading(dialect, roles, why, sum(WEIGHTS[r] for r in roles))
    return None


def _agrees(columns: Columns, roles: Mapping[str, int]) -> bool:
    p, adjusted = (columns.values(roles[r]) for r in ("p", "adjusted_p"))
    if not len(p) or not len(adjusted) or columns.numeric(roles["id"]):
        return False
    return bool(np.median(adjusted) >= np.median(p)) and bool((columns.values(roles["se"]) >= 0).all())


def _target(columns: Columns, chosen: Mapping[str, int]) -> int | None:
    """A column ``target`` with the sign of the effect in every row of the sample, as t has."""
    if "statistic" in chosen or "effect" not in chosen or "target" not in columns.headers:
        return None
    i = columns.headers.index("target")
    if not columns.numeric(i) or i in chosen.values():
        return None
    target, effect = columns.values(i), columns.values(chosen["effect"])
    same = len(target) == len(effect) > 0 and bool((np.sign(target) == np.sign(effect)).all())
    return i if same and len(np.unique(target)) > 2 else None


def _effectless(match: Match) -> bool:
    """Whether this is a tool that reports no effect (a likelihood ratio test)."""
    return "effect" not in match.dialect.columns and match.score > 6


def _suffices(chosen: Mapping[str, int], best: Match, fixed: Mapping[str, int]) -> bool:
    if "effect" not in chosen:
        return _effectless(best) and "p" in chosen
    evidence = {"p", "adjusted_p", "neg_log10_p", "statistic"} & set(chosen)
    if evidence - {"statistic"}:
        return True
    named = best.dialect.name != GENERIC and best.score >= 5
    return (bool(evidence) and ("effect" in fixed or named)) or (named and len(best.columns) >= 1)


def _why(best: Match, found: Sequence[Match], columns: Columns) -> str:
    names = ", ".join(repr(columns.headers[hits[0]]) for hits in best.columns.values())
    text = f"{names or 'no header'}: the words of {best.dialect.name} (score {best.score:g})"
    others = [m for m in found if m is not best and m.score > 0 and m.score >= best.score - 1]
    return text + (
        f"; near: {', '.join(f'{m.dialect.name} {m.score:g}' for m in others[:3])}" if others else ""
    )
