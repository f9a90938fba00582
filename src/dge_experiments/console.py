"""What the terminal shows: what is being done, a progress bar, the result, the leaderboard."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from dge_experiments import document, tables
from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.experiment import Experiment, Plan
from dge_experiments.leaderboard import Leaderboard
from dge_experiments.report import ranking
from dge_experiments.report.verdict import NAMES
from dge_experiments.search.engine import Trial
from dge_experiments.search.study import Study
from dge_experiments.settings import Settings

LEADERBOARD = {
    "model": "model",
    "cv": "CV {scoring}",
    "test": "test {scoring}",
    "baseline/test/accuracy": "majority",
    "test/balanced_accuracy": "balanced",
    "honest/test/balanced_accuracy": "honest balanced",
    "test/roc_auc": "ROC AUC",
    "search_seconds": "search s",
}


def announce(settings: Settings, plan: Plan) -> None:
    """Say what is going to run, before it does."""
    problem, out = plan.problem, _out()
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    out.print(f"\n[bold]{settings.model.name}[/] on {problem.name}", highlight=False)
    lines = {
        "data": f"{problem.table.path}, {len(problem.X):,} genes: {counts} ({problem.labels.rule})",
        "features": f"{', '.join(problem.X.columns)} (features={problem.features})",
        "split": f"{len(problem.split.train):,} genes to train on, {len(problem.split.test):,} held out, "
        f"{len(problem.split.folds)} folds",
        "search": f"{settings.search.name}, {plan.strategy.total} trials for {settings.search.scoring}"
        if plan.strategy.total > 1
        else "none, the model's own defaults",
    }
    if problem.split.full:
        lines["sample"] = (
            f"{len(problem.split.train):,} of the {len(problem.split.full.train):,} training genes, each class in "
            f"its share (model.max_rows={settings.model.max_rows}, model.final_fit={settings.model.final_fit})"
        )
    for name, line in lines.items():
        out.print(f"  {name:<9}{line}", highlight=False, markup=False, soft_wrap=True)
    for finding in problem.table.findings:
        _finding(out, finding)
    for line in filter(None, [problem.labels.note]):
        out.print(f"  note     {line}", highlight=False, markup=False, soft_wrap=True)
    style = "bold red" if problem.leak else "green"
    out.print(f"  leak     {', '.join(problem.leak) or 'none'}", style=style, highlight=False, markup=False)


def table(read: tables.Table) -> None:
    """What a file is, how each column was read, what is odd, and which targets are possible."""
    out, told = _out(), tables.describe(read)
    form = ", ".join(filter(None, [read.format, read.delimiter, read.encoding, read.sheet]))
    out.print(f"\n[bold]{escape(read.path)}[/] {read.rows:,} rows ({form})", highlight=False)
    out.print(f"  dialect  {read.dialect}: {read.why}", highlight=False, markup=False, soft_wrap=True)
    kept = f"{len(read.frame):,} genes; effect {read.effect_scale}"
    signed = {True: ", signed statistic", False: ", unsigned statistic", None: ""}[read.statistic_signed]
    out.print(f"  read     {kept}{signed}", highlight=False)
    for role, header in told["columns"].items():
        if header is not None:
            out.print(f"    {role:<11}{header or '(unnamed first column)'}", highlight=False, markup=False)
    for name, formula in read.derived.items():
        out.print(f"    {name} = {formula}", highlight=False, markup=False)
    for finding in read.findings:
        _finding(out, finding)
    out.print(f"  targets  {', '.join(told['targets']) or 'none'}", highlight=False)


def _finding(out: Console, finding: tables.Finding) -> None:
    style = {"error": "bold red", "warning": "yellow", "info": ""}[finding.severity]
    lines = f" (lines {', '.join(map(str, finding.rows))})" if finding.rows else ""
    line = f"  {finding.severity}: {finding.message}{lines}"
    out.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def progress(plan: Plan, scoring: str, done: int = 0) -> Iterator[Callable[[Trial], None]]:
    """A bar with the best score so far and the time left, on stderr; silent where that is no terminal.

    ``done`` trials are there already.
    """
    err = Console(stderr=True)
    bar = Progress(
        TextColumn("  [bold]trials"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[best]}"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    best = float("-inf")
    with bar:
        task = bar.add_task(
            "search", total=plan.strategy.total, completed=min(done, plan.strategy.total), best=""
        )

        def advance(trial: Trial) -> None:
            nonlocal best
            if not trial.error:
                best = max(best, trial.mean(scoring))
            bar.update(task, advance=1, best=f"best CV {scoring} {best:.4f}")

        yield advance


def result(experiment: Experiment) -> None:
    """The scores beside the baseline's, and the verdict."""
    out, study, test = _out(), experiment.study, experiment.test
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
        chosen = ", ".join(f"{name}={value}" for name, value in study.best.candidate.items())
        out.print(f"  best     {chosen}", highlight=False, markup=False)
    where = "all rows" if experiment.settings.split.cv_rows == "all" else "training part"
    honest = experiment.honest.test if experiment.honest else None
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("  score")
    for column in (f"CV, {where}", f"test, {len(test.y):,} genes [95 %]", "constant answer"):
        table.add_column(column, justify="right")
    if honest:
        table.add_column("honest test [95 %]", justify="right")
    for metric in test.intervals.index:
        cells = [
            f"{experiment.cv.mean(metric):.3f} ± {experiment.cv.std(metric):.3f}"
            if metric in experiment.cv.folds[0]
            else "",
            _with_limits(test, metric),
            f"{test.baseline[metric]:.3f}",
        ]
        if honest:
            cells.append(_with_limits(honest, metric) if metric in honest.scores else "")
        table.add_row(f"  {NAMES[metric]}", *cells)
    out.print(table)
    for name, there in experiment.external.items():
        accuracy, balanced = (_with_limits(there, m) for m in ("accuracy", "balanced_accuracy"))
        line = f"  on {name}: accuracy {accuracy}, balanced accuracy {balanced}, constant answer "
        out.print(f"{line}{there.baseline['accuracy']:.3f}", highlight=False, markup=False, soft_wrap=True)
    style = "bold red" if experiment.plan.problem.leak else "green"
    for line in document.verdicts(experiment):
        out.print(f"  {line}", style=style, highlight=False, markup=False, soft_wrap=True)
        style = ""


def stopped(study: Study) -> None:
    """A search that was asked to stop: how far it came."""
    out = _out()
    out.print(
        f"  stopped after {len(study.trials)} of {study.planned} trials", style="yellow", highlight=False
    )
    if study.finished:
        chosen = (
            ", ".join(f"{name}={value}" for name, value in study.best.candidate.items()) or "the defaults"
        )
        score = f"CV {study.scoring} {study.best.mean(study.scoring):.4f}"
        out.print(f"  best     {chosen} ({score})", highlight=False, markup=False)


def leaderboard(board: Leaderboard) -> None:
    """Models of one question, best cross-validated score first, and which of them really differ."""
    frame, scoring, out = board.frame, board.scoring, _out()
    out.print(f"\n[bold]Leaderboard[/] {frame['experiment'].iloc[0]}", highlight=False)
    shown = {c: t for c, t in LEADERBOARD.items() if c in frame or c in ("cv", "test")}
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column, title in shown.items():
        table.add_column(title.format(scoring=scoring), justify="left" if column == "model" else "right")
    for row in frame.to_dict("records"):
        cells = {
            **{column: f"{row[column]:.3f}" for column in shown if isinstance(row.get(column), float)},
            "model": f"  {row['model']}",
            "cv": f"{row[f'cv/{scoring}']:.3f} ± {row[f'cv/{scoring}_std']:.3f}",
            "test": f"{row[f'test/{scoring}']:.3f}",
            "search_seconds": f"{row['search_seconds']:.1f}",
        }
        table.add_row(*(cells[column] for column in shown))
    out.print(table)
    for line in board.sentences:
        out.print(
            f"  {line}", style="bold red" if line.startswith("LEAK") else "", highlight=False, soft_wrap=True
        )


def _with_limits(test: HeldOut, metric: str) -> str:
    low, high = test.intervals.loc[metric]
    return (
        f"{test.scores[metric]:.3f} [{low:.3f}, {high:.3f}]"
        if pd.notna(low)
        else f"{test.scores[metric]:.3f} "
    )


def boards(found: Sequence[Board], apart: pd.DataFrame) -> None:
    """Leaderboards, one for each table, target and split, and the runs that did not finish."""
    out = _out()
    if len(found) != 1:
        out.print(f"\n  {ranking.note(found) if found else 'No finished run.'}", highlight=False)
    for board in found:
        out.print(f"\n[bold]{ranking.title(board)}[/]", highlight=False)
        table = Table(box=None, pad_edge=False, padding=(0, 1))
        cells = ranking.cells(board)
        for column in cells:
            table.add_column(str(column), overflow="fold")
        for row in cells.itertuples(index=False):
            table.add_row(*map(str, row))
        out.print(table)
        if board.comparison:
            out.print(f"  {board.comparison.sentence}", highlight=False, markup=False)
        leaky = [str(run) for run in board.runs.loc[board.runs["leak"] != "none", "run_id"].str[:8]]
        if leaky:
            out.print(
                f"  LEAK: {', '.join(leaky)} read their own label; look at the honest scores",
                style="bold red",
            )
    for run in apart.to_dict("records"):
        out.print(f"  {run['status']:<12}{run['run_name']} {run['run_id']}", style="yellow", highlight=False)


def warn(line: str) -> None:
    """One line that is not to be overlooked."""
    _out().print(f"  {line}", style="bold red", highlight=False, markup=False, soft_wrap=True)


def tell(**lines: str) -> None:
    """Named lines such as links, one each; never wrapped, so that they can be copied."""
    for name, line in lines.items():
        if line:
            _out().print(f"  {name:<9}{line}", highlight=False, markup=False, soft_wrap=True)


def _out() -> Console:
    """stdout; 150 columns wide where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=150)
