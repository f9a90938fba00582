"""How well a dialect explains the headers of a table."""

from dataclasses import dataclass

from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.dialect import GENERIC, Dialect, matches

WEIGHTS = {
    "effect": 4.0, "p": 3.0, "adjusted_p": 3.0, "statistic": 3.0, "se": 2.0, "mean": 2.0, "log_odds": 2.0,
    "neg_log10_p": 1.0, "id": 0.5, "group": 0.5,
}  # fmt: skip
ABSENT = 0.5
DECISIVE = ("effect", "p", "adjusted_p", "statistic")


@dataclass(frozen=True)
class Match:
    """A dialect, the columns of each role that it names (several if as good), and its score."""

    dialect: Dialect
    columns: dict[str, list[int]]
    score: float


def match(columns: Columns, dialect: Dialect, taken: frozenset[int], fixed: frozenset[str]) -> Match:
    found: dict[str, list[int]] = {}
    used, score = set(taken), 0.0
    factor = 0.5 if dialect.name == GENERIC else 1.0
    for role, names in dialect.columns.items():
        if role in fixed or (role in ("id", "group") and dialect.name == GENERIC):
            continue
        hits = columns.find(names, role, frozenset(used))
        if hits:
            found[role] = hits
            used.add(hits[0])
            exact = any(columns.headers[hits[0]] == name for name in names)
            score += factor * WEIGHTS[role] + (0.25 if exact and role in DECISIVE and factor == 1 else 0)
        elif names and (role in DECISIVE or role in ("se", "mean", "log_odds")):
            score -= ABSENT
    if "effect" in dialect.columns and "effect" not in {*found, *fixed} and factor == 1:
        score -= WEIGHTS["effect"]
    others = [h for i, h in enumerate(columns.headers) if i not in used]
    score += sum(any(matches(mark, header) for header in others) for mark in dialect.marks)
    if dialect.writer == "python" and "effect" in found:
        score += 0.1 if _python(columns, found["effect"][0]) else -0.1
    return Match(dialect, found, score)


def _python(columns: Columns, i: int) -> bool:
    """Whether numbers have the 16 or 17 digits of Python's repr; R writes at most 15."""
    digits = columns.text(i).str.replace(r"[eE].*$|[^0-9]", "", regex=True).str.lstrip("0").str.len()
    return bool((digits >= 16).mean() > 0.2)
