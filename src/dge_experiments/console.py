"""What the terminal shows: what is being done, a progress bar, the result, the leaderboard."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from dge_experiments import outcome
from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.experiment import Experiment, Plan
from dge_experiments.report import ranking
from dge_experiments.search.engine import Trial
from dge_experiments.settings import Settings

NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "MCC",
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
}
LEADERBOARD = {
    "model": "model",
    "cv": "CV {scoring}",
    "test/accuracy": "test accuracy",
    "baseline/test/accuracy": "majority",
    "test/balanced_accuracy": "balanced",
    "test/mcc": "MCC",
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
    for name, line in lines.items():
        out.print(f"  {name:<9}{line}", highlight=False, markup=False, soft_wrap=True)
    for finding in problem.table.findings:
        out.print(f"  {finding.severity}: {finding.message}", style="yellow", highlight=False, markup=False)
    leak = ", ".join(problem.leak)
    line = f"  leak     {f'{leak} (the label is made from it)' if leak else 'none found'}"
    out.print(line, style="bold red" if leak else "green", highlight=False, markup=False)


@contextmanager
def progress(plan: Plan, scoring: str) -> Iterator[Callable[[Trial], None]]:
    """A bar with the best score so far and the time left, on stderr; silent where that is no terminal."""
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
        task = bar.add_task("search", total=plan.strategy.total, best="")

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
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("  score")
    for column in (f"CV, {where}", f"test, {len(test.prediction.predicted):,} genes", "majority baseline"):
        table.add_column(column, justify="right")
    for metric, name in NAMES.items():
        cv = f"{experiment.cv.mean(metric):.3f} ± {experiment.cv.std(metric):.3f}"
        table.add_row(f"  {name}", cv, f"{test.scores[metric]:.3f}", f"{test.baseline[metric]:.3f}")
    out.print(table)
    leak, score = outcome.verdicts(experiment)
    out.print(f"  {leak}", style="bold red" if experiment.plan.problem.leak else "green", highlight=False)
    out.print(f"  {score}", highlight=False, markup=False)


def leaderboard(frame: pd.DataFrame) -> None:
    """Models of one question, best cross-validated score first."""
    scoring, out = str(frame["scoring"].iloc[0]), _out()
    out.print(f"\n[bold]Leaderboard[/] {frame['experiment'].iloc[0]}", highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column, title in LEADERBOARD.items():
        table.add_column(title.format(scoring=scoring), justify="left" if column == "model" else "right")
    for row in frame.to_dict("records"):
        cells = {
            **{column: f"{row[column]:.3f}" for column in LEADERBOARD if column in row and column != "model"},
            "model": f"  {row['model']}",
            "cv": f"{row[f'cv/{scoring}']:.3f} ± {row[f'cv/{scoring}_std']:.3f}",
            "search_seconds": f"{row['search_seconds']:.1f}",
        }
        table.add_row(*(cells[column] for column in LEADERBOARD))
    out.print(table)
    leak = str(frame["leak"].iloc[0])
    if leak != "none":
        out.print(f"  LEAK: {leak} holds the answer; these scores do not rank the models", style="bold red")


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
    """stdout; 120 columns wide where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=120)
