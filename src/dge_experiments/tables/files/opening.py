"""From a path to an opened file and its reading, or to one line that says what the file is instead."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dge_experiments.errors import BadInput
from dge_experiments.tables.files import kinds, stream
from dge_experiments.tables.files.delimited import open_text
from dge_experiments.tables.files.parquet import open_parquet
from dge_experiments.tables.files.source import Facts, Source
from dge_experiments.tables.files.workbook import open_sheets
from dge_experiments.tables.headers import lookalike
from dge_experiments.tables.headers.detection import Reading, detect
from dge_experiments.tables.headers.dialect import Dialect

OFFICE = {
    "an OpenDocument file": "content.xml",
    "a Word document": "word/document.xml",
    "a binary workbook (.xlsb)": "xl/workbook.bin",
}


def choose(
    file: Path,
    sheet: str | None,
    dialects: Sequence[Dialect],
    columns: Mapping[str, str],
    dialect: str | None,
) -> tuple[Source, Reading]:
    """Open the file and detect its reading; of a workbook, the first sheet that has one."""
    seen: list[Facts] = []
    unclear: BadInput | None = None
    for source in _sources(file, sheet):
        seen.append(source.facts)
        if lookalike.strange(source.facts) and not columns and dialect is None:
            continue
        try:
            reading = detect(source.facts, dialects, columns, dialect)
        except BadInput as error:
            unclear = unclear or error
            continue
        if reading is not None:
            return source, reading
    if unclear:
        raise unclear
    facts = next((f for f in seen), None)
    what = lookalike.strange(facts) or lookalike.table(facts) if facts else None
    if what:
        raise BadInput(f"{file}: not a DGE table: it looks like {what}")
    if facts is None:
        raise BadInput(
            f"{file}: not a DGE table: no header and columns found; is it CSV, TSV, XLSX or Parquet?"
        )
    headers = ", ".join(map(repr, facts.headers[:20])) + (", ..." if len(facts.headers) > 20 else "")
    raise BadInput(
        f"{file}: not a DGE table: no columns for an effect and its p value among {headers}; "
        "if they are there, name them: data.columns.effect=NAME data.columns.p=NAME"
    )


def _sources(file: Path, sheet: str | None) -> Iterator[Source]:
    stream.check(file)
    with file.open("rb") as opened:
        magic = opened.read(4)
    if magic == b"PK\x03\x04" and _is_workbook(file):
        yield from open_sheets(file, sheet)
        return
    if sheet is not None:
        raise BadInput(f"data.sheet={sheet}: {file} is no Excel workbook (.xlsx)")
    if magic == b"PAR1":
        yield open_parquet(file)
        return
    text = open_text(file)
    start = stream.head(file)[:4096].decode("utf-8", errors="replace")
    what = kinds.kind(start)
    if what:
        raise BadInput(f"{file}: not a DGE table: it looks like {what}")
    if text is not None:
        yield text


def _is_workbook(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadInput(f"{file}: a damaged zip archive or workbook; fetch it again") from None
    for what, part in OFFICE.items():
        if part in names:
            raise BadInput(f"{file}: not a DGE table, but {what}: save the table as .xlsx or CSV")
    return any(name.startswith("xl/") for name in names)
