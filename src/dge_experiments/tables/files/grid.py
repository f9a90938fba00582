"""Find the header and the body in rows of cells."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dge_experiments.tables.files.numbers import COMMA, MISSING

Row = Sequence[str]


@dataclass(frozen=True)
class Grid:
    """A header and a body found in rows of cells.

    Attributes
    ----------
    headers : one per column of the body, stripped; "" for an unnamed one, "1", "2", ... if there is no header
    first : index of the first row of the body
    body : its rows, all of the header's length
    skipped : rows above the header
    fit : share of the rows after the header that have its length
    headerless : whether the first row is data
    """

    headers: tuple[str, ...]
    first: int
    body: list[Row]
    fit: float
    skipped: int = 0
    headerless: bool = False


def find(rows: Sequence[Row], comment: Row | None = None) -> Grid | None:
    """Find header and body: the rows of the most frequent length, and the row above them.

    The header may be one field short (R's ``write.table``: the first column is unnamed then) or, where rows
    end in a delimiter, one field long. Titles above the header and Perseus' annotation rows below it are
    skipped. ``comment`` is a commented line above the rows, which is the header if the rows have none.
    """
    counts = Counter(len(row) for row in rows)
    width = max(counts, key=lambda n: (counts[n] if n > 1 else 0, n)) if counts else 0
    if width < 2:
        return None
    top = next((i for i in range(len(rows)) if _heads(rows, i, width)), None)
    if top is None:
        return None
    headers = [cell.strip() for cell in rows[top]]
    first = top + 1
    while first < len(rows) and rows[first] and rows[first][0].startswith("#!{"):
        first += 1
    body = [row for row in rows[first:] if len(row) == width]
    headerless = _is_data(headers, body)
    if headerless:
        body, first = [rows[top], *body], top
        named = comment is not None and len(comment) == width
        headers = [c.strip() for c in comment] if named and comment else [str(i + 1) for i in range(width)]
        headerless = not named
    elif len(headers) == width - 1:
        trailing = all(not row[-1].strip() for row in body)
        headers = [*headers, ""] if trailing else ["", *headers]
    after = len(rows) - first
    return Grid(tuple(headers[:width]), first, body, len(body) / after if after else 1.0, top, headerless)


def _heads(rows: Sequence[Row], i: int, width: int) -> bool:
    """Whether row ``i`` can be the header of the rows below it."""
    if i + 1 == len(rows):
        return len(rows) == 1 or len(rows[i]) == width
    row, below = rows[i], rows[i + 1]
    if len(row) == width:
        filled = sum(bool(cell.strip()) for cell in row)
        return filled >= max(2, 0.6 * sum(bool(cell.strip()) for cell in below))
    short = len(row) == width - 1 and len(below) == width and any(map(_value, below))
    return short or (len(row) == width + 1 and len(below) == width and not row[-1].strip())


def _is_data(headers: Sequence[str], body: Sequence[Row]) -> bool:
    """Whether the row in the place of the header is a row of numbers like those below it."""
    if not body or len(headers) != len(body[0]):
        return False
    numeric = [i for i in range(len(headers)) if is_number(body[0][i])]
    named = sum(not is_number(headers[i]) and headers[i] not in MISSING for i in numeric)
    return len(numeric) >= 2 and named == 0 and any(headers[i] for i in numeric)


def _value(cell: str) -> bool:
    """Whether a cell is a number or a word for a missing one."""
    return is_number(cell) or (cell.strip() != "" and cell.strip() in MISSING)


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with a decimal point or comma."""
    try:
        float(cell)
    except ValueError:
        return COMMA.fullmatch(cell) is not None
    return cell.strip() not in MISSING
