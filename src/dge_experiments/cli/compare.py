"""``dge-experiments compare``: finished runs, ranked where they may be."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.errors import BadInput
from dge_experiments.settings import read
from dge_experiments.settings.choices import TableFormat
from dge_experiments.settings.commands import Comparing

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Rank the finished models of a store, those that may be ranked against each other."""
    start(compare, "compare", Comparing)


def compare(cfg: "DictConfig") -> None:
    """Group the finished parent runs by table, target and split, and rank each group."""
    settings = read(cfg, Comparing)
    form = _format(settings.format, settings.out)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: runs are in a store; use tracking=local or tracking=server")
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
    text = {"csv": comparison.as_csv, "json": comparison.as_json, "html": comparison.as_html}[form](
        found, apart
    )
    out = settings.out or ("compare.html" if form == "html" else None)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"out={out}: cannot be written ({error.strerror})") from None
    console.tell(out=out)


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
