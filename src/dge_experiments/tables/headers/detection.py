"""Which dialect a table is written in, and which column plays which role."""

from collections.abc import Mapping, Sequence

from dge_experiments.errors import BadInput
from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.headers import evidence, headerless
from dge_experiments.tables.headers import given as givens
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.contrast import Contrast, contrast_of
from dge_experiments.tables.headers.detected import Detected, Words
from dge_experiments.tables.headers.dialect import GENERIC, LOGS, Dialect, choose
from dge_experiments.tables.headers.given import Given
from dge_experiments.tables.headers.identifier import identifier
from dge_experiments.tables.headers.names import words as in_words
from dge_experiments.tables.headers.scoring import DECISIVE, Match, match

OF_A_CONTRAST = ("p", "adjusted_p", "statistic", "se", *LOGS, "id")
NUMERIC = ("effect", "p", "adjusted_p", "statistic", "se", "mean", "log_odds", *LOGS)
EFFECTLESS = 6.0  # above this score a dialect without an effect counts as the table's
NAMED = 5.0  # from this score a dialect counts as the table's even without a p value


def detect(
    layout: Layout,
    dialects: Sequence[Dialect],
    named: Mapping[str, str],
    only: str | None = None,
    contrast: str | None = None,
) -> Detected | None:
    """Choose dialect and columns; None if the file is no table of DGE results.

    Every dialect is scored by the headers that it recognises, among columns whose values fit the role (see
    `scoring`). Roles that the best dialect leaves open are filled by the dialect ``generic``.

    Parameters
    ----------
    named : role -> header, as named by the caller; these are not changed
    only : the name of the dialect to use
    contrast : of several contrasts side by side, the one to read

    Raises
    ------
    BadInput
        an unknown dialect, role, header or contrast; two columns or two dialects that are equally good
    """
    given = givens.resolve(layout, named)
    possible = choose(dialects, only)
    columns = Columns(layout)
    if layout.headerless and not given.columns:
        return headerless.detect(columns, possible)
    generic = next((d for d in dialects if d.name == GENERIC), Dialect(GENERIC, {}))
    assigned = frozenset(given.columns.values())
    fitting = [d for d in possible if only or all(columns.index.meant_by(name) for name in d.requires)]
    matches = sorted((match(columns, d, assigned, given.roles) for d in fitting), key=lambda m: -m.score)
    best = _tie(layout, matches, columns)
    words = Words(best.dialect, generic)
    roles = _roles(columns, best, words, given)
    if contrast is not None:
        roles["effect"] = [_of_contrast(layout, columns, words, contrast)]
    chosen = dict(given.columns) | _settled(layout, columns, words, roles, given)
    target = evidence.target_is_t(columns, chosen)
    if target is not None:
        chosen["statistic"] = target
    unrelated = evidence.unrelated(columns, chosen, frozenset(given.columns)) if target is None else None
    if unrelated is not None:
        chosen.pop("statistic")
    for log, plain in LOGS.items():
        if plain in chosen or (log == "neg_log10_p" and evidence.log_of_adjusted(columns, chosen)):
            chosen.pop(log, None)
    if not _suffices(chosen, best, given):
        return None
    if "id" not in chosen:
        position = identifier(columns, words.of("id"), frozenset(chosen.values()))
        chosen |= {} if position is None else {"id": position}
    group = _group(columns, words, chosen)
    chosen |= {} if group is None else {"group": group}
    detected = Detected(
        best.dialect,
        chosen,
        ", ".join(repr(layout.names[chosen[role]]) for role in best.columns if role in chosen),
        sure=_sure(best, matches),
        given=frozenset(given.columns),
        effect_scale=given.effect_scale,
        target_is_t=target is not None,
        tentative=group is not None,
        unread=evidence.unread(columns, words, chosen),
        unrelated=None if unrelated is None else layout.headers[unrelated],
    )
    return evidence.with_evidence(detected, columns)


def _roles(columns: Columns, best: Match, words: Words, given: Given) -> dict[str, list[int]]:
    """Columns for each role, several if equally good: those of the best dialect, then those of generic names."""
    roles = {role: hits for role, hits in best.columns.items() if role not in given.roles}
    used = {hits[0] for hits in roles.values()} | set(given.columns.values())
    for role in NUMERIC:
        if role in roles or role in given.roles or (role == "effect" and _effectless(best)):
            continue
        if LOGS.get(role) in {*roles, *given.roles}:
            continue
        hits = columns.find(words.of(role), role, frozenset(used))
        if hits:
            roles[role] = hits
            used.add(hits[0])
    return roles


def _tie(layout: Layout, matches: list[Match], columns: Columns) -> Match:
    """The best match; raises BadInput where another one is equally good and reads other columns."""
    best = matches[0]
    if best.score <= 0:
        return next((m for m in matches if m.dialect.name == GENERIC), best)
    for other in matches[1:]:
        if other.score < best.score:
            break
        for role in DECISIVE:
            first, second = best.columns.get(role, []), other.columns.get(role, [])
            if first and second and first[0] != second[0] and not columns.same(first[0], second[0]):
                _only(layout, role, [first[0], second[0]])
    return best


def _sure(best: Match, matches: Sequence[Match]) -> bool:
    """Whether the tool can be named: its table is complete, and no other tool's dialect fits as well."""
    rivals = (m for m in matches if m.score > best.score - 1 and m.complete)
    return best.complete and all(m.dialect.tool == best.dialect.tool for m in rivals)


def _of_contrast(layout: Layout, columns: Columns, words: Words, contrast: str) -> int:
    """The effect of the contrast that the caller named."""
    effects = {i: contrast_of(layout.names[i]) for i in columns.named(words.of("effect"), "effect")}
    spelled = in_words(contrast)
    hits = [i for i, name in effects.items() if name == spelled or name == contrast_of(contrast)]
    if len(hits) != 1:
        names = ", ".join(repr(name) for name in dict.fromkeys(effects.values()) if name) or "none"
        what = "several effects" if hits else "no effect"
        raise BadInput(f"{layout.file}: data.contrast={contrast}: {what} of that name; there are {names}")
    return hits[0]


def _settled(
    layout: Layout, columns: Columns, words: Words, roles: Mapping[str, list[int]], given: Given
) -> dict[str, int]:
    """One column for each role; of several contrasts side by side, the columns of the effect's contrast.

    Where the effect's name holds its contrast, a column whose name holds it too goes before one whose name does not.
    """
    settled = {"effect": _only(layout, "effect", roles["effect"])} if "effect" in roles else {}
    effect = given.columns.get("effect", settled.get("effect"))
    unambiguous = (
        "effect" in given.columns or effect is None or not _twin(columns, effect, words.of("effect"))
    )
    contrast = Contrast(layout, columns, effect) if effect is not None and unambiguous else None
    for role in (*OF_A_CONTRAST, *(r for r in roles if r not in OF_A_CONTRAST)):
        if role in given.roles or role in settled or not words.of(role):
            continue
        hits = roles.get(role, [])
        claimed = (positions[0] for r, positions in roles.items() if r != role)
        assigned = frozenset((*given.columns.values(), *settled.values(), *claimed))
        if role == "id":
            hits = contrast.of_role(words.of(role), role, assigned)[:1] if contrast else []
        elif contrast and role != "group":
            near = hits + contrast.of_role(words.of(role), role, assigned)
            if hits and role in OF_A_CONTRAST:
                near += columns.named(words.of(role), role, assigned)
            hits = contrast.nearest(dict.fromkeys(near)) or hits
        if hits:
            settled[role] = _only(layout, role, hits)
    return settled


def _group(columns: Columns, words: Words, chosen: Mapping[str, int]) -> int | None:
    """A column that is the group by its name only; None where the group is known, or no ids could repeat."""
    if "group" in chosen or "id" not in chosen:
        return None
    hits = columns.find(words.of("group"), "group", frozenset(chosen.values()))
    return hits[0] if hits else None


def _twin(columns: Columns, effect: int, names: tuple[str, ...]) -> bool:
    """Whether another effect has the same cells: then its name does not tell which p value belongs to it."""
    return any(columns.same(effect, i) for i in columns.named(names, "effect", frozenset((effect,))))


def _only(layout: Layout, role: str, hits: list[int]) -> int:
    if len(hits) > 1:
        names = ", ".join(repr(layout.names[i]) for i in hits[:8]) + (", ..." if len(hits) > 8 else "")
        contrasts = dict.fromkeys(contrast_of(layout.names[i]) for i in hits)
        text = f"say which with data.columns.{role}=NAME"
        if role == "effect" and len(contrasts) == len(hits) and "" not in contrasts:
            text += f", or the contrast with data.contrast=NAME ({', '.join(list(contrasts)[:8])})"
        raise BadInput(
            f"{layout.file}: {len(hits)} columns could be the {role.replace('_', ' ')}: {names}; {text}"
        )
    return hits[0]


def _effectless(best: Match) -> bool:
    """Whether this is a tool that reports no effect (a likelihood ratio test)."""
    return "effect" not in best.dialect.columns and best.score > EFFECTLESS


def _suffices(chosen: Mapping[str, int], best: Match, given: Given) -> bool:
    """Whether the columns make a table of results: an effect and p values, or a statistic and its p values."""
    chances = {"p", "adjusted_p", *LOGS} & set(chosen)
    if "effect" not in chosen:
        tested = "statistic" in chosen and bool({"p", "neg_log10_p"} & chances)
        return bool(chances) and (tested or _effectless(best) or bool(chances & set(given.columns)))
    recognised = best.dialect.name != GENERIC and best.score >= NAMED
    return bool(chances) or recognised or "effect" in given.columns
