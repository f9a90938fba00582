"""The caller's choices, which detection does not change: headers for roles, the scale of the effect."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dge_experiments.errors import BadInput, suggestion
from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.headers.dialect import CHOICES, LOGS
from dge_experiments.tables.headers.names import matches
from dge_experiments.tables.table import ROLES
from dge_experiments.tables.units import is_neg_log

KEYS = (*ROLES, "direction", "effect_scale")
SCALES = tuple(scale for scale in CHOICES["effect_scale"] if scale != "by_header")


@dataclass(frozen=True)
class Given:
    """The caller's choices for the columns.

    Attributes
    ----------
    columns : role -> position; a p with -log10 in its header has the role ``neg_log10_p``
    effect_scale : ``log2``, ``ln``, ``log10``, ``linear``, or None
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    effect_scale: str | None = None

    @property
    def roles(self) -> frozenset[str]:
        """The roles that are filled; -log10 of p also fills the role of p, and p that of -log10 of p."""
        named = set(self.columns)
        return frozenset(
            named | {LOGS.get(r, r) for r in named} | {log for log, r in LOGS.items() if r in named}
        )


def resolve(layout: Layout, given: Mapping[str, str]) -> Given:
    """Find the named columns, by `Layout.names`, or with other case and punctuation.

    Raises
    ------
    BadInput
        no such role, scale or column, or several columns of that name
    """
    columns, scale = {}, None
    for role, header in given.items():
        if role not in KEYS:
            raise BadInput(f"data.columns.{role}: no such role; {suggestion(role, KEYS)}")
        if role == "effect_scale":
            if header not in SCALES:
                raise BadInput(f"data.columns.effect_scale={header}: must be one of {', '.join(SCALES)}")
            scale = header
            continue
        hits = [i for i, name in enumerate(layout.names) if name == header]
        hits = hits or [i for i, h in enumerate(layout.headers) if h and matches(header, h)]
        if len(hits) != 1:
            available = ", ".join(map(repr, layout.names[:30]))
            what = "no such column" if not hits else f"{len(hits)} columns of that name"
            raise BadInput(f"{layout.file}: data.columns.{role}={header}: {what} (found {available})")
        log = next((log for log, plain in LOGS.items() if plain == role), None)
        columns[log if log and is_neg_log(layout.headers[hits[0]]) else role] = hits[0]
    return Given(columns, scale)
