"""``dge-experiments compare``: finished runs, ranked where they may be."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.errors import BadInput, escaped
from dge_experiments.settings import read
from dge_experiments.settings.choices import TableFormat
from dge_experiments.settings.commands import Comparing

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Rank the finished models of a store, those that may be ranked against each other."""
    start(compare, "compare", Comparing)


def compare(cfg: "DictConfig") -> None:
    """Group the finished parent runs by table, target and split, and rank each group; or set two runs side by side."""
    settings = read(cfg, Comparing)
    form = _format(settings.format, settings.out)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: runs are in a store; use tracking=local or tracking=server")
    if settings.runs:
        _two(settings, form)
    else:
        _ranked(settings, form)


def _ranked(settings: Comparing, form: TableFormat) -> None:
    from dge_experiments.cli import console, scores
    from dge_experiments.evaluation.leaderboard import boards
    from dge_experiments.report import comparison
    from dge_experiments.report.words import board as words
    from dge_experiments.tracking import parents, store, sweeps

    client = store.connect(settings.tracking.uri)
    runs = parents.runs(client, settings.question, settings.sweep)
    found = boards(parents.finished(client, runs), settings.metric)
    apart = parents.unfinished(client, runs)
    if form == "table":
        console.note(words.note(found))
        for board in found:
            scores.board(board)
            console.tell(**sweeps.board_links(client, board))
        scores.apart(apart)
        console.tell(start=store.ui()[1])
        return
    written = {"csv": comparison.as_csv, "json": comparison.as_json, "html": comparison.as_html}
    _give(written[form](found, apart), settings.out, form)


def _two(settings: Comparing, form: TableFormat) -> None:
    if len(settings.runs) != 2:
        raise BadInput(f"runs=[{', '.join(settings.runs)}]: give two runs, such as runs=[3f2a91c0,77b1e5d2]")
    from dge_experiments.cli import scores
    from dge_experiments.evaluation.contrast import contrast
    from dge_experiments.report import contrast as side_by_side
    from dge_experiments.tracking import chosen, parents, store

    client = store.connect(settings.tracking.uri)
    runs = [chosen.finished(client, run_id) for run_id in settings.runs]
    found = contrast(*(parents.finished(client, [run])[0] for run in runs))
    if form == "table":
        scores.contrast(found)
        return
    written = {"csv": side_by_side.as_csv, "json": side_by_side.as_json, "html": side_by_side.as_html}
    _give(written[form](found), settings.out, form)


def _give(text: str, out: str | None, form: TableFormat) -> None:
    """Write the text to ``out``, a page to compare.html, anything else to stdout."""
    file = out or ("compare.html" if form == "html" else None)
    if file is None:
        sys.stdout.write(escaped(text, keep="\r\n\t"))
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"out={file}: cannot be written ({error.strerror})") from None
    from dge_experiments.cli import console

    console.tell(out=file)


def _format(given: TableFormat | None, out: str | None) -> TableFormat:
    """The format that was asked for; without one that of the file's ending, else a table.

    Raises
    ------
    BadInput
        a file whose ending is none, a table for a file
    """
    ending = Path(out).suffix.lower().removeprefix(".") if out else "table"
    if given is None and ending not in list(TableFormat):
        raise BadInput(f"out={out}: what format is that? Use an ending .csv, .json or .html, or format=csv")
    form = given or TableFormat(ending)
    if out and form == TableFormat.table:
        raise BadInput(f"out={out}: a table is for the terminal; use format=csv, json or html")
    return form
