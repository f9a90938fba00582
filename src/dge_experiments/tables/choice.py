"""Choose the table of results in a file, or say in one line what the file is instead."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from dge_experiments.errors import BadInput
from dge_experiments.tables.files.layout import Layout, Source
from dge_experiments.tables.files.opening import open_tables
from dge_experiments.tables.headers import evidence, lookalike
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.detected import Detected, Words
from dge_experiments.tables.headers.detection import detect
from dge_experiments.tables.headers.dialect import GENERIC, LOGS, Dialect
from dge_experiments.tables.headers.names import words
from dge_experiments.tables.reading import Reading

LONGEST = 60  # characters of a header in a message
ROLES = {"effect": ("effect",), "p value": ("p", "adjusted_p", *LOGS)}
PLAIN = {"effect": ("log2foldchange", "logfc", "foldchange"), "p value": ("pvalue", "padj", "fdr", "qvalue")}


def choose(file: Path, reading: Reading, dialects: Sequence[Dialect]) -> tuple[Source, Detected]:
    """Open a file and detect its columns; in a workbook, those of the first sheet with a table of results.

    Raises
    ------
    BadInput
        no table of results (what the file is instead, or which columns are missing), or an ambiguous column
    """
    layouts: list[Layout] = []
    unclear: BadInput | None = None
    named = bool(reading.columns or reading.dialect or reading.contrast)
    for source in open_tables(file, reading.sheet, reading.encoding):
        layouts.append(source.layout)
        if not named and lookalike.strange(source.layout):
            continue
        try:
            detected = detect(source.layout, dialects, reading.columns, reading.dialect, reading.contrast)
        except BadInput as error:
            unclear = unclear or error
            continue
        if detected is not None and (
            named or "effect" in detected.columns or not lookalike.without_effect(source.layout)
        ):
            return source, detected
    if unclear:
        raise unclear
    if not layouts:
        raise BadInput(
            f"{file}: not a DGE table: no header and columns found; is it CSV, TSV, XLSX or Parquet?"
        )
    raise BadInput(f"{file}: not a DGE table: {_instead(layouts[0], dialects, named)}")


def _instead(layout: Layout, dialects: Sequence[Dialect], named: bool) -> str:
    """What a table without results is, or which columns it lacks."""
    what = (
        None
        if named
        else (lookalike.strange(layout) or lookalike.table(layout) or lookalike.without_effect(layout))
    )
    if what:
        return f"it looks like {what}"
    generic = next((d for d in dialects if d.name == GENERIC), Dialect(GENERIC, {}))
    columns, names = Columns(layout), Words(generic, generic)
    unread = evidence.unread(columns, names, {})
    has, lacks = [], []
    for what, roles in ROLES.items():
        hits = [i for role in roles for i in columns.named(names.of(role), role)]
        odd = next((unread[role] for role in roles if role in unread), None)
        if hits:
            has.append(f"the {what} may be {_quoted(layout.names[hits[0]])}")
        elif odd:
            lacks.append(f"{_quoted(odd[0])} is named like the {what}, but {odd[1]}")
        else:
            lacks.append(f"no column for the {what}{_nearest(layout, columns, what)}")
    headers = ", ".join(map(_quoted, layout.headers[:20])) + (", ..." if len(layout.headers) > 20 else "")
    if len(lacks) > 1 and not unread:
        text = f"no columns for an effect and its p value among {headers}"
    else:
        text = f"{'; '.join((*has, *lacks))}; its columns are {headers}"
    return f"{text}; if they are there, name them: data.columns.effect=NAME data.columns.p=NAME"


def _nearest(layout: Layout, columns: Columns, what: str) -> str:
    """The header that is most similar to the name of a role, with a value of its column."""
    by_word = {words(header).replace("_", ""): i for i, header in enumerate(layout.headers) if header}
    near = next(filter(None, (get_close_matches(name, by_word, 1) for name in PLAIN[what])), [])
    if not near:
        return ""
    i = by_word[near[0]]
    present = columns.present(i)
    example = f", with {present.iloc[0]!r}" if len(present) else ", which is empty"
    return f" (nearest: {layout.names[i]!r}{example})"


def _quoted(header: str) -> str:
    """A header in quotes, shortened if it is long."""
    return repr(header if len(header) <= LONGEST else f"{header[:LONGEST]}...")
