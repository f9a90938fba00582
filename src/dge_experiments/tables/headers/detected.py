"""The result of detection: a dialect, and the column of each role."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dge_experiments.tables.headers.dialect import Dialect
from dge_experiments.tables.headers.names import matches


@dataclass(frozen=True)
class Detected:
    """How a file is read.

    Attributes
    ----------
    dialect : the dialect chosen; ``generic`` if no tool's names were recognised
    columns : role (also ``direction`` and the logs of p) -> column position
    why : the headers that it recognised, in one line
    sure : whether the table has every statistic of this tool, and no other tool's names fit as well
    given : the roles that the caller named
    effect_scale : given by the caller, or None
    target_is_t : whether the statistic is a column named ``target``
    tentative : whether the group column is known by its name only; it counts if ids repeat
    log_base : the logarithm of a column of folds that the effects are; ``none``, or None without such a column
    fold : position of that column
    unread : role -> (header, reason): named like a role, but its values cannot play it
    unrelated : header of a column named like a statistic that does not follow the p values
    """

    dialect: Dialect
    columns: Mapping[str, int]
    why: str
    sure: bool = False
    given: frozenset[str] = frozenset()
    effect_scale: str | None = None
    target_is_t: bool = False
    tentative: bool = False
    log_base: str | None = None
    fold: int | None = None
    unread: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unrelated: str | None = None

    def declared(self, role: str, header: str) -> str:
        """The scale of a role (or the kind of statistic) in the dialect, if the header is one of the dialect's."""
        of_dialect = any(matches(name, header) for name in self.dialect.columns.get(role, ()))
        if not of_dialect or (role == "effect" and role in self.given):
            return "by_header"
        return {
            "effect": self.dialect.effect_scale,
            "mean": self.dialect.mean_scale,
            "statistic": self.dialect.statistic,
        }[role]


@dataclass(frozen=True)
class Words:
    """The names of each role: the chosen dialect's, then the generic ones."""

    dialect: Dialect
    generic: Dialect

    def of(self, role: str) -> tuple[str, ...]:
        """All names of a role; none where the dialect says that the tool has no such column."""
        if self.dialect.columns.get(role) == ():
            return ()
        return (*self.dialect.columns.get(role, ()), *self.generic.columns.get(role, ()))
