"""Row filters: an expression of the table's columns, such as ``P.Value < 0.05 and abs(logFC) > 1``."""

import ast
import re

from dge_experiments.errors import BadInput
from dge_experiments.tables.expression import Filter, one_line
from dge_experiments.tables.table import Table

QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
LONGEST = 2_000  # characters; nested deeper than this allows, Python's own parser gives up


def parse(text: str) -> Filter:
    """Parse a filter; names with characters other than letters, digits, ``_`` and ``.`` are in backticks.

    ``&``, ``|`` and ``~`` mean ``and``, ``or`` and ``not``, as in a pandas query.

    Raises
    ------
    BadInput
        not an expression
    """
    quoted: dict[str, str] = {}

    def placeholder(match: re.Match[str]) -> str:
        name = f"column_{len(quoted)}_"
        quoted[name] = match.group(1)
        return name

    parts = QUOTED.split(text)
    for i in range(0, len(parts), 2):  # the others are strings
        plain = re.sub(r"`([^`]*)`", placeholder, parts[i])
        parts[i] = plain.replace("&", " and ").replace("|", " or ").replace("~", " not ")
    try:
        if len(text) > LONGEST:
            raise SyntaxError(f"longer than {LONGEST:,} characters")
        tree = ast.parse("".join(parts).strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise BadInput(f"data.filter={one_line(text)}: not an expression ({error})") from None
    return Filter(text, tree, quoted)


def filtered(table: Table, text: str | None) -> Table:
    """The table of the rows that a filter keeps, with its own digest.

    Raises
    ------
    BadInput
        not a filter, an unknown column, or no row is kept
    """
    if not text:
        return table
    mask = parse(text).mask(table.frame, table.extra)
    if not mask.any():
        raise BadInput(f"data.filter={one_line(text)}: keeps none of the {len(mask):,} rows of {table.path}")
    if mask.all():
        return table
    return table.subset(mask)
