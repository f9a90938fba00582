"""Which dialect a table is written in, and which column plays which role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dge_experiments.errors import BadInput
from dge_experiments.tables.files.source import Facts
from dge_experiments.tables.headers import choice
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.contrast import Contrast
from dge_experiments.tables.headers.dialect import GENERIC, Dialect, matches
from dge_experiments.tables.headers.scoring import DECISIVE, WEIGHTS, Match, match

OF_A_CONTRAST = ("p", "adjusted_p", "statistic", "se", "neg_log10_p", "id")
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
    fixed = choice.columns(facts, given)
    generic = next((d for d in dialects if d.name == GENERIC), Dialect(GENERIC, {}))
    possible = choice.dialects(dialects, only)
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
    chosen = fixed | _settled(facts, columns, best.dialect, generic, roles, fixed)
    target = _target(columns, chosen)
    if target is not None:
        chosen["statistic"] = target
    if "p" in chosen or _log_of_adjusted(columns, chosen):
        chosen.pop("neg_log10_p", None)
    if not _suffices(chosen, best, fixed):
        return None
    if "id" not in chosen:
        names = (*best.dialect.columns.get("id", ()), *generic.columns.get("id", ()))
        found_id = columns.identifier(names, frozenset(chosen.values()))
        chosen |= {} if found_id is None else {"id": found_id}
    group = columns.find(generic.columns.get("group", ()), "group", frozenset(chosen.values()))
    tentative = "group" not in chosen and "id" in chosen and bool(group)
    if tentative:
        chosen["group"] = group[0]
    why = _why(best, found, facts, chosen)
    return Reading(best.dialect, chosen, why, best.score, frozenset(fixed), target is not None, tentative)


def _has(facts: Facts, required: Sequence[str]) -> bool:
    return all(any(matches(name, header) for header in facts.headers) for name in required)


def _tie(facts: Facts, found: list[Match], columns: Columns) -> Match:
    """The best match; asks where another one is as good and reads other columns."""
    best = found[0]
    if best.score <= 0:
        return next((m for m in found if m.dialect.name == GENERIC), best)
    for other in found[1:]:
        if other.score < best.score:
            break
        for role in DECISIVE:
            mine, theirs = best.columns.get(role, []), other.columns.get(role, [])
            if mine and theirs and mine[0] != theirs[0] and not columns.same(mine[0], theirs[0]):
                _one(facts, role, [mine[0], theirs[0]])
    return best


def _settled(
    facts: Facts,
    columns: Columns,
    dialect: Dialect,
    generic: Dialect,
    roles: Mapping[str, list[int]],
    fixed: Mapping[str, int],
) -> dict[str, int]:
    """One column a role; of several contrasts side by side, those of the effect's.

    Where the effect's name says its contrast, a column whose name says it too goes before one whose name does
    not.
    """

    def names(role: str) -> tuple[str, ...]:
        return (*dialect.columns.get(role, ()), *generic.columns.get(role, ()))

    settled = {"effect": _one(facts, "effect", roles["effect"])} if "effect" in roles else {}
    effect = fixed.get("effect", settled.get("effect"))
    alone = "effect" in fixed or effect is None or not _twin(columns, effect, names("effect"))
    beside = Contrast(facts, columns, effect) if effect is not None and alone else None
    for role in (*OF_A_CONTRAST, *(r for r in roles if r not in OF_A_CONTRAST)):
        if role in fixed or role in settled or dialect.columns.get(role) == ():
            continue
        hits = roles.get(role, [])
        claimed = (others[0] for r, others in roles.items() if r != role)
        taken = frozenset((*fixed.values(), *settled.values(), *claimed))
        if role == "id":
            hits = beside.own(names(role), role, taken)[:1] if beside else []
        elif beside and role != "group":
            near = hits + beside.own(names(role), role, taken)
            if hits and role in OF_A_CONTRAST:
                near += columns.named(names(role), role, taken)
            hits = beside.nearest(dict.fromkeys(near)) or hits
        if hits:
            settled[role] = _one(facts, role, hits)
    return settled


def _twin(columns: Columns, effect: int, names: tuple[str, ...]) -> bool:
    """Whether another effect has the same cells: then its name does not say which p value is meant."""
    return any(columns.same(effect, i) for i in columns.named(names, "effect", frozenset((effect,))))


def _log_of_adjusted(columns: Columns, chosen: Mapping[str, int]) -> bool:
    """Whether what stands under -log10(p) is the adjusted p (MetaboAnalyst's volcano table)."""
    if not {"neg_log10_p", "adjusted_p"} <= set(chosen):
        return False
    log, adjusted = columns.pairs(chosen["neg_log10_p"], chosen["adjusted_p"])
    return len(log) > 0 and bool(np.allclose(10.0 ** -np.abs(log), adjusted, rtol=0.01))


def _one(facts: Facts, role: str, hits: list[int]) -> int:
    if len(hits) > 1:
        names = ", ".join(repr(facts.names[i]) for i in hits[:8]) + (", ..." if len(hits) > 8 else "")
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
    target, effect = columns.pairs(i, chosen["effect"])
    same = len(target) > 0 and bool((np.sign(target) == np.sign(effect)).all())
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


def _why(best: Match, found: Sequence[Match], facts: Facts, chosen: Mapping[str, int]) -> str:
    names = ", ".join(repr(facts.names[chosen[role]]) for role in best.columns if role in chosen)
    if not names:
        return "no header is known: read as data.columns says"
    text = f"{names}: the words of {best.dialect.name} (score {best.score:g})"
    others = [m for m in found if m is not best and m.score > 0 and m.score >= best.score - 1]
    return text + (
        f"; near: {', '.join(f'{m.dialect.name} {m.score:g}' for m in others[:3])}" if others else ""
    )
