"""Several studies in the terminal."""

from typing import Any

from rich.table import Table

from dge_experiments.api.studies import Done
from dge_experiments.cli.console import screen, tell
from dge_experiments.report.chapters.studies import small_board
from dge_experiments.report.studies import metrics


def shown(done: Done, form: str) -> dict[str, Any] | None:
    """Show the board of methods and the verdict; with ``format=json`` give them in plain values."""
    found, report = done.found, str(done.folder / "report.html")
    if form == "text":
        _show(done, report)
        return None
    return {
        "verdict": found.sentences,
        "scores": metrics(found),
        "report": report,
        "model": done.model or None,
    }


def _show(done: Done, report: str) -> None:
    found, out = done.found, screen()
    board = small_board(found.unseen.board)
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for place, column in enumerate(board):
        table.add_column(f"  {column}" if not place else f"{column}, mean ROC AUC [95 %]")
    for row in board.itertuples(index=False):
        limits = (f"{each.value:.3f} [{each.low:.3f}, {each.high:.3f}]" for each in row[1:])
        table.add_row(f"  {row[0]}", *limits)
    out.print(f"\n[bold]{len(found.studies)} studies[/], each left out in turn", highlight=False)
    out.print(table)
    for sentence in found.sentences:
        out.print(f"  {sentence}", highlight=False, markup=False, soft_wrap=True)
    tell(report=report, **({"run": done.link, "model": done.model} if done.link else {}))
