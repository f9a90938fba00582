"""Tables of scores in the terminal: one experiment, a leaderboard, the runs of a store."""

import pandas as pd
from rich.console import JustifyMethod
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from dge_experiments.cli.console import note, screen
from dge_experiments.evaluation import metrics
from dge_experiments.evaluation.contrast import Contrast
from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.report import contrast as side_by_side
from dge_experiments.report import leaderboard
from dge_experiments.report.page.cells import number
from dge_experiments.report.words import board as words
from dge_experiments.report.words.findings import verdicts
from dge_experiments.report.words.verdict import tuned_on, with_limits

NARROW = 90


def result(experiment: Result) -> None:
    """The scores, those of the baseline, and the verdict."""
    out, study, test, cv = screen(), experiment.study, experiment.given.test, experiment.given.cv
    if len(study.trials) < study.planned:
        out.print(f"  timeout: {len(study.trials)} of {study.planned} trials were made", style="yellow")
    failed = sum(1 for trial in study.trials if trial.error)
    if failed:
        out.print(f"  {failed} of {len(study.trials)} trials failed; trials.csv says why", style="yellow")
    warned = [trial for trial in study.trials if trial.warnings]
    if warned:
        first = warned[0].warnings[0]
        out.print(f"  {len(warned)} of {len(study.trials)} trials warned; the first: {first}", style="yellow")
    if study.best.candidate:
        parameters = ", ".join(f"{name}={value}" for name, value in study.best.candidate.items())
        out.print(f"  best     {parameters}", highlight=False, markup=False)
    cv_rows = "all rows" if experiment.settings.split.cv_rows == "all" else "training part"
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("  score")
    other_tests = {reading: other for reading, other in experiment.tests.items() if reading != AS_GIVEN}
    tuned = tuned_on(study, experiment.plan.problem.split)
    columns = [
        ", ".join(filter(None, ("CV", cv_rows, tuned))),
        f"test, {len(test.y):,} genes [95 %]",
        "constant answer",
    ]
    for column in (*columns, *(f"{reading} test [95 %]" for reading in other_tests)):
        table.add_column(column, justify="right")
    for metric in (m for m in test.scores if m in test.baseline):
        cells = [
            f"{number(cv.mean(metric))} ± {number(cv.std(metric))}" if metric in cv.folds[0] else "",
            with_limits(test, metric),
            number(test.baseline[metric]),
            *(with_limits(other, metric) if metric in other.scores else "" for other in other_tests.values()),
        ]
        table.add_row(f"  {metrics.title(metric)}", *cells)
    out.print(table)
    for name, external in experiment.external.items():
        accuracy, balanced = (with_limits(external, m) for m in ("accuracy", "balanced_accuracy"))
        line = f"  on {name}: accuracy {accuracy}, balanced accuracy {balanced}, constant answer "
        out.print(
            f"{line}{number(external.baseline['accuracy'])}", highlight=False, markup=False, soft_wrap=True
        )
    style = "bold red" if experiment.plan.problem.leaks else "green"
    for sentence in verdicts(experiment):
        out.print(f"  {sentence.text}", style=style, highlight=False, markup=False, soft_wrap=True)
        style = ""


def board(ranking: Board) -> None:
    """A leaderboard, and which of its models really differ."""
    out = screen()
    out.print(f"\n[bold]Leaderboard[/] {words.title(ranking)}", highlight=False, soft_wrap=True)
    note(words.about(ranking))
    out.print(Padding(_ranked(ranking, out.width - 2), (0, 0, 0, 2), expand=False))
    for sentence in words.sentences(ranking):
        note(sentence.text, "bold red" if sentence.kind == "leak" else "")


def contrast(difference: Contrast) -> None:
    """What differs between two runs."""
    out = screen()
    first, second = (f"{row.called} {row.run_id[:8]}" for row in (difference.first, difference.second))
    out.print(f"\n[bold]{first}[/] and [bold]{second}[/]", highlight=False)
    note(side_by_side.sentence(difference), "" if difference.comparable else "yellow")
    for title, frame in side_by_side.tables(difference).items():
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title=title, title_justify="left")
        for place, head in enumerate(frame):
            table.add_column(str(head), justify="left" if place == 0 or title != "Scores" else "right")
        for row in frame.itertuples(index=False):
            table.add_row(
                *(escape(f"{v:.4g}" if isinstance(v, float) else str(v)) if v == v else "" for v in row)
            )
        out.print(Padding(table, (1, 0, 0, 2), expand=False))


def unranked(runs: pd.DataFrame) -> None:
    """Runs that are not ranked: interrupted, failed, running."""
    out = screen()
    if len(runs):
        out.print("\n[bold]Not ranked[/]", highlight=False)
    for run in runs.to_dict("records"):
        line = f"{run['status']} {leaderboard.age(run['age_seconds'])} ago: {run['run_name']} of {run['experiment']}, "
        note(f"{line}{run['run_id']}", "yellow")
        if run["status"] == "interrupted" and run["command"] != "none":
            resume = f"  continue with {run['command']} resume={run['run_id']}"
            out.print(resume, highlight=False, markup=False, soft_wrap=True)


def _ranked(ranking: Board, width: int) -> Table:
    """Two lines for each run, as given and honest; as many scores as fit."""
    gap = 2 if width > NARROW else 1
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0))
    lines = leaderboard.lines(ranking, width, gap)
    for place, head in enumerate(lines):
        justify: JustifyMethod = "right" if 1 < place < len(lines.columns) - 1 else "left"
        table.add_column(str(head), justify=justify, no_wrap=place > 0)
    styles = {leaderboard.GIVEN_LINE: "", leaderboard.HONEST_LINE: "green"}
    for row in lines.itertuples(index=False):
        table.add_row(*map(str, row), style=styles.get(str(row[1]), ""))
    return table
