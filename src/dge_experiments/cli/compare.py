"""``dge-experiments compare``: finished runs, ranked where they may be."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.cli.output import files, give
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
    """Group the finished parent runs by table, target and split, and rank each group; or set two runs side by side."""
    settings = read(cfg, Comparing)
    form = settings.format
    page = "compare.html" if form == TableFormat.html else None
    places = files(form, settings.out or page, list(TableFormat), "compare")
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: runs are in a store; use tracking=local or tracking=server")
    shown = TableFormat.table in places
    answer = _two(settings, shown) if settings.runs else _ranked(settings, shown)
    if answer is not None:
        give(answer, places, form)


def _ranked(settings: Comparing, shown: bool) -> Callable[[StrEnum], str] | None:
    """The leaderboards in any format, or ``shown`` in the terminal."""
    from dge_experiments.cli import console, scores
    from dge_experiments.evaluation.leaderboard import boards
    from dge_experiments.report import comparison
    from dge_experiments.report.words import board as words
    from dge_experiments.tracking import parents, store, sweeps

    client = store.connect(settings.tracking.uri)
    runs = parents.runs(client, settings.question, settings.sweep)
    found = boards(parents.finished(client, runs), settings.metric)
    apart = parents.unfinished(client, runs)
    if shown:
        console.note(words.note(found))
        for board in found:
            scores.board(board)
            console.tell(**sweeps.board_links(client, board))
        scores.apart(apart)
        console.tell(start=store.ui()[1])
        return None
    written = {"csv": comparison.as_csv, "json": comparison.as_json, "html": comparison.as_html}
    return lambda form: written[form](found, apart)


def _two(settings: Comparing, shown: bool) -> Callable[[StrEnum], str] | None:
    """What differs between two runs in any format, or ``shown`` in the terminal."""
    if len(settings.runs) != 2:
        raise BadInput(f"runs=[{', '.join(settings.runs)}]: give two runs, such as runs=[3f2a91c0,77b1e5d2]")
    from dge_experiments.cli import scores
    from dge_experiments.evaluation.contrast import contrast
    from dge_experiments.report import contrast as side_by_side
    from dge_experiments.tracking import chosen, parents, store

    client = store.connect(settings.tracking.uri)
    runs = [chosen.finished(client, run_id) for run_id in settings.runs]
    found = contrast(*(parents.finished(client, [run])[0] for run in runs))
    if shown:
        scores.contrast(found)
        return None
    written = {"csv": side_by_side.as_csv, "json": side_by_side.as_json, "html": side_by_side.as_html}
    return lambda form: written[form](found)
