"""The end of a command: a leaderboard for each question of a sweep, and everything as JSON with ``format=json``."""

import json
import shlex
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dge_experiments.api.execute import COMMAND
from dge_experiments.api.experiment import Experiment
from dge_experiments.cli import console, scores
from dge_experiments.evaluation.leaderboard import Board, boards
from dge_experiments.report import comparison, document
from dge_experiments.report.metrics import metrics
from dge_experiments.report.page.page import page
from dge_experiments.report.rows import row
from dge_experiments.report.words.findings import verdicts


def finish(results: Sequence[Experiment | dict[str, Any]]) -> None:
    """Show and write the leaderboards of at least two runs; with ``format=json`` print one JSON object.

    Results that are already plain values, such as the plan of a dry run, are included; a single one is the object.
    """
    text = all(
        isinstance(result, Experiment) and result.result.settings.format == "text" for result in results
    )
    newest_first = [result for result in results if isinstance(result, Experiment)][::-1]
    leaderboards = boards([row(e.result, e.run_id) for e in newest_first]) if len(newest_first) > 1 else []
    files = [_keep(board, number, newest_first, text) for number, board in enumerate(leaderboards)]
    if text:
        return
    plain_boards = [
        comparison.plain(b) | {"report": str(file)} for b, file in zip(leaderboards, files, strict=True)
    ]
    runs = [_run(result) if isinstance(result, Experiment) else result for result in results]
    alone = len(results) == 1 and not newest_first
    print(json.dumps(runs[0] if alone else {"runs": runs, "leaderboards": plain_boards}, indent=1))


def _keep(board: Board, number: int, experiments: Sequence[Experiment], text: bool) -> Path:
    """Write the report of a leaderboard to the folder of the sweep, log it if the runs are tracked, and show it."""
    typed = [argument for argument in sys.argv[1:] if not argument.startswith("sweep_id=")]
    rerun = [("The same sweep again:", shlex.join([*shlex.split(COMMAND), *typed]))]
    html = page(document.sweep([experiments[r.members[0]].result for r in board.rows], board, rerun))
    folder = experiments[0].folder.parent
    file = folder / f"report-{number}.html"
    file.write_text(html, encoding="utf-8")
    board.frame.to_csv(folder / f"leaderboard-{number}.csv", index=False, lineterminator="\n")
    links = _log(board, html, experiments)
    if text:
        scores.board(board)
        console.tell(report=str(file), **links)
    return file


def _log(board: Board, html: str, experiments: Sequence[Experiment]) -> dict[str, str]:
    """Log the leaderboard as a run in the experiment of its runs, and return links; empty if a run was not tracked."""
    if not all(experiment.sink.complete for experiment in experiments):
        return {}
    from dge_experiments.tracking import store, sweeps

    sweep_id, question = board.rows[0].sweep_id, board.rows[0].experiment
    client = store.connect(experiments[0].result.settings.tracking.uri)
    ranked = [str(experiments[member].run_id) for row in board.rows for member in row.members]
    records = partial(comparison.records, board, html)
    run = sweeps.log_leaderboard(client, question, sweep_id, records, ranked, board.distinction)
    links = sweeps.sweep_links(client, run.experiment_id, sweep_id, board.metric, list(map(str, board.frame)))
    return {"start": store.ui()[1], "table": links.table, "charts": links.charts}


def _run(experiment: Experiment) -> dict[str, Any]:
    result = experiment.result
    return {
        "run_id": experiment.run_id,
        "model": result.settings.model.name,
        "question": result.plan.problem.name,
        "leak": list(result.plan.problem.leak),
        "carries_label": list(result.plan.problem.trained.graded),
        "shared_rows": result.plan.problem.shared.count if result.plan.problem.shared.leaks else "",
        "parameters": dict(result.study.best.candidate),
        "scores": {name: value for name, value in metrics(result).items() if value == value},
        "verdict": [sentence.text for sentence in verdicts(result)],
        "folder": str(experiment.folder),
        "files": sorted(
            str(file.relative_to(experiment.folder))
            for file in experiment.folder.rglob("*")
            if file.is_file()
        ),
    }
