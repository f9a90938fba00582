"""How well a dialect fits the headers of a table."""

from dataclasses import dataclass

from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.dialect import GENERIC, Dialect

WEIGHTS = {  # score of a recognised header by its role: high for statistics that each tool names in its own way
    "effect": 4.0, "p": 3.0, "adjusted_p": 3.0, "statistic": 3.0, "se": 2.0, "mean": 2.0, "log_odds": 2.0,
    "neg_log10_p": 1.0, "neg_log10_adjusted_p": 1.0, "id": 0.5, "group": 0.5,
}  # fmt: skip
DECISIVE = ("effect", "p", "adjusted_p", "statistic")
EXPECTED = (*DECISIVE, "se", "mean", "log_odds")
ABSENT = 0.5  # subtracted for an expected column that is missing
TO_THE_LETTER = 0.25  # added for a decisive header with the tool's own case and punctuation
MARK = 1.0  # added for each further header that the tool writes
GENERIC_FACTOR = 0.5  # generic words count less than a tool's own
PYTHON = 0.1  # decides between tools of R and of Python with the same names
LONG, MANY = 16, 0.2  # digits of Python's repr (R writes at most 15), in this share of the cells


@dataclass(frozen=True)
class Match:
    """A dialect, the columns of each role that it names (several if equally good), and its score."""

    dialect: Dialect
    columns: dict[str, list[int]]
    score: float

    @property
    def complete(self) -> bool:
        """Whether the table has every statistic that the tool writes."""
        expected = {role for role, names in self.dialect.columns.items() if names and role in EXPECTED}
        return self.dialect.name != GENERIC and bool(expected) and expected <= set(self.columns)


def match(columns: Columns, dialect: Dialect, assigned: frozenset[int], fixed: frozenset[str]) -> Match:
    """Score a dialect on the columns that are not ``assigned``, for the roles that are not ``fixed``."""
    of_role: dict[str, list[int]] = {}
    used, score = set(assigned), 0.0
    specific = dialect.name != GENERIC
    for role, names in dialect.columns.items():
        if role in fixed or (role in ("id", "group") and not specific):
            continue
        hits = columns.find(names, role, frozenset(used))
        if hits:
            of_role[role] = hits
            used.add(hits[0])
            score += WEIGHTS[role] * (1.0 if specific else GENERIC_FACTOR)
            if specific and role in DECISIVE and columns.headers[hits[0]] in names:
                score += TO_THE_LETTER
        elif names and role in EXPECTED:
            score -= ABSENT
    if specific and "effect" in dialect.columns and "effect" not in {*of_role, *fixed}:
        score -= WEIGHTS["effect"]
    score += MARK * sum(any(i not in used for i in columns.index.meant_by(mark)) for mark in dialect.marks)
    if dialect.writer == "python" and "effect" in of_role:
        score += PYTHON if _writes_python(columns, of_role["effect"][0]) else -PYTHON
    return Match(dialect, of_role, score)


def _writes_python(columns: Columns, i: int) -> bool:
    digits = columns.text(i).str.replace(r"[eE].*$|[^0-9]", "", regex=True).str.lstrip("0").str.len()
    return bool((digits >= LONG).mean() > MANY)
