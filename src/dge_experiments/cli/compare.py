"""``dge-experiments compare``: finished runs, ranked where they may be."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.errors import BadInput
from dge_experiments.settings import read
from dge_experiments.settings.commands import Comparing

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Rank the finished models of a store, those that may be ranked against each other."""
    start(compare, "compare", Comparing)


def compare(cfg: "DictConfig") -> None:
    """Group the finished parent runs by table, target and split, and rank each group."""
    settings = read(cfg, Comparing)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: runs are in a store; use tracking=local or tracking=server")
    from dge_experiments.cli import console
    from dge_experiments.cli import scores as scoreboard
    from dge_experiments.evaluation.leaderboard import boards
    from dge_experiments.report import ranking
    from dge_experiments.tracking import parents, store, sweeps

    client = store.connect(settings.tracking.uri)
    runs = parents.table(client, settings.question, settings.sweep)
    found = boards(runs, settings.metric, lambda run_id: parents.folds(client, run_id))
    apart = runs[runs["status"] != "finished"]
    if settings.format == "table":
        console.note(ranking.note(found))
        for board in found:
            scoreboard.board(board)
            console.tell(**sweeps.board_links(client, board))
        scoreboard.apart(apart)
        console.tell(start=store.ui()[1])
        return
    text = {"csv": ranking.as_csv, "json": ranking.as_json, "html": ranking.as_html}[settings.format](
        found, apart
    )
    out = settings.out or ("compare.html" if settings.format == "html" else None)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"out={out}: cannot be written ({error.strerror})") from None
    console.tell(out=out)
