"""``dge-experiments compare``: finished runs, ranked where they can be compared."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.cli.output import files, write
from dge_experiments.errors import BadInput
from dge_experiments.settings import read
from dge_experiments.settings.choices import TableFormat
from dge_experiments.settings.commands import Comparing

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Rank the finished models of a store that can be compared with each other."""
    start(compare, "compare", Comparing)


def compare(cfg: "DictConfig") -> None:
    """Group the finished parent runs by table, target and split, and rank each group; or compare two runs."""
    settings = read(cfg, Comparing)
    form = settings.format
    page = "compare.html" if form == TableFormat.html else None
    places = files(form, settings.out or page, list(TableFormat), "compare")
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: runs are in a store; use tracking=local or tracking=server")
    in_terminal = TableFormat.table in places
    answer = _two(settings, in_terminal) if settings.runs else _ranked(settings, in_terminal)
    if answer is not None:
        write(answer, places, form)


def _ranked(settings: Comparing, in_terminal: bool) -> Callable[[StrEnum], str] | None:
    """Writes the leaderboards in any format; None after they were shown ``in_terminal``."""
    from dge_experiments.cli import console, scores
    from dge_experiments.evaluation.leaderboard import boards
    from dge_experiments.report import comparison
    from dge_experiments.report.words import board as words
    from dge_experiments.tracking import parents, store, sweeps

    client = store.connect(settings.tracking.uri)
    runs = parents.runs(client, settings.question, settings.sweep)
    leaderboards = boards(parents.finished(client, runs), settings.metric)
    unranked = parents.unfinished(client, runs)
    if in_terminal:
        console.note(words.note(leaderboards))
        for board in leaderboards:
            scores.board(board)
            console.tell(**sweeps.board_links(client, board))
        scores.unranked(unranked)
        console.tell(start=store.ui()[1])
        return None
    writers = {"csv": comparison.as_csv, "json": comparison.as_json, "html": comparison.as_html}
    return lambda form: writers[form](leaderboards, unranked)


def _two(settings: Comparing, in_terminal: bool) -> Callable[[StrEnum], str] | None:
    """Writes the difference of two runs in any format; None after it was shown ``in_terminal``."""
    if len(settings.runs) != 2:
        raise BadInput(f"runs=[{', '.join(settings.runs)}]: give two runs, such as runs=[3f2a91c0,77b1e5d2]")
    from dge_experiments.cli import scores
    from dge_experiments.evaluation.contrast import contrast
    from dge_experiments.report import contrast as side_by_side
    from dge_experiments.tracking import chosen, parents, store

    client = store.connect(settings.tracking.uri)
    runs = [chosen.finished(client, run_id) for run_id in settings.runs]
    difference = contrast(*(parents.finished(client, [run])[0] for run in runs))
    if in_terminal:
        scores.contrast(difference)
        return None
    writers = {"csv": side_by_side.as_csv, "json": side_by_side.as_json, "html": side_by_side.as_html}
    return lambda form: writers[form](difference)
