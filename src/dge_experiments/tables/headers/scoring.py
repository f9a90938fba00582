"""How well a dialect explains the headers of a table."""

from dataclasses import dataclass

from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.dialect import GENERIC, Dialect

WEIGHTS = {  # what a header that plays the role is worth: what results tables share and tools name each their way
    "effect": 4.0, "p": 3.0, "adjusted_p": 3.0, "statistic": 3.0, "se": 2.0, "mean": 2.0, "log_odds": 2.0,
    "neg_log10_p": 1.0, "neg_log10_adjusted_p": 1.0, "id": 0.5, "group": 0.5,
}  # fmt: skip
DECISIVE = ("effect", "p", "adjusted_p", "statistic")
EXPECTED = (*DECISIVE, "se", "mean", "log_odds")
ABSENT = 0.5  # taken off for an expected column that is not there
TO_THE_LETTER = 0.25  # added for a decisive header with the tool's own case and punctuation
MARK = 1.0  # added for each further header that the tool writes
GENERIC_FACTOR = 0.5  # generic words say less than a tool's own
PYTHON = 0.1  # settles between tools of R and of Python that share their names
LONG, MANY = 16, 0.2  # digits of Python's repr (R writes at most 15), in this share of the cells


@dataclass(frozen=True)
class Match:
    """A dialect, the columns of each role that it names (several if as good), and its score."""

    dialect: Dialect
    columns: dict[str, list[int]]
    score: float

    @property
    def complete(self) -> bool:
        """Whether the table has every statistic that the tool writes."""
        wanted = {role for role, names in self.dialect.columns.items() if names and role in EXPECTED}
        return self.dialect.name != GENERIC and bool(wanted) and wanted <= set(self.columns)


def match(columns: Columns, dialect: Dialect, taken: frozenset[int], fixed: frozenset[str]) -> Match:
    """Score a dialect on the columns that are not ``taken``, for the roles that are not ``fixed``."""
    found: dict[str, list[int]] = {}
    used, score = set(taken), 0.0
    own = dialect.name != GENERIC
    for role, names in dialect.columns.items():
        if role in fixed or (role in ("id", "group") and not own):
            continue
        hits = columns.find(names, role, frozenset(used))
        if hits:
            found[role] = hits
            used.add(hits[0])
            score += WEIGHTS[role] * (1.0 if own else GENERIC_FACTOR)
            if own and role in DECISIVE and columns.headers[hits[0]] in names:
                score += TO_THE_LETTER
        elif names and role in EXPECTED:
            score -= ABSENT
    if own and "effect" in dialect.columns and "effect" not in {*found, *fixed}:
        score -= WEIGHTS["effect"]
    score += MARK * sum(any(i not in used for i in columns.index.meant_by(mark)) for mark in dialect.marks)
    if dialect.writer == "python" and "effect" in found:
        score += PYTHON if _writes_python(columns, found["effect"][0]) else -PYTHON
    return Match(dialect, found, score)


def _writes_python(columns: Columns, i: int) -> bool:
    digits = columns.text(i).str.replace(r"[eE].*$|[^0-9]", "", regex=True).str.lstrip("0").str.len()
    return bool((digits >= LONG).mean() > MANY)
