"""Several studies in the terminal."""

from typing import Any

from rich.table import Table

from dge_experiments.api.studies import FinishedStudies
from dge_experiments.cli.console import screen, tell
from dge_experiments.report.chapters.studies import small_board
from dge_experiments.report.studies import metrics


def show(result: FinishedStudies, form: str) -> dict[str, Any] | None:
    """Show the board of methods and the verdict; with ``format=json`` give them in plain values."""
    studies, report = result.studies, str(result.folder / "report.html")
    if form == "text":
        _print(result, report)
        return None
    return {
        "verdict": studies.sentences,
        "scores": metrics(studies),
        "report": report,
        "model": result.model or None,
    }


def _print(result: FinishedStudies, report: str) -> None:
    studies, out = result.studies, screen()
    board = small_board(studies.unseen.board)
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for place, column in enumerate(board):
        table.add_column(f"  {column}" if not place else f"{column}, mean ROC AUC [95 %]")
    for row in board.itertuples(index=False):
        limits = (f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]" for score in row[1:])
        table.add_row(f"  {row[0]}", *limits)
    out.print(f"\n[bold]{len(studies.studies)} studies[/], each left out in turn", highlight=False)
    out.print(table)
    for sentence in studies.sentences:
        out.print(f"  {sentence}", highlight=False, markup=False, soft_wrap=True)
    tell(report=report, **({"run": result.link, "model": result.model} if result.link else {}))
