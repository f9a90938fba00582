"""What the terminal shows of a run before it starts and while it runs."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from dge_experiments.api.execute import Watch
from dge_experiments.cli.console import finding, screen, tell
from dge_experiments.experiment.plan import Plan
from dge_experiments.report.sink import Sink
from dge_experiments.settings import Settings
from dge_experiments.settings.conf import choices_line, own_folders

REPORTED: set[tuple[str, str, str]] = set()  # sweep, table, finding: shown once for all jobs on a table


def announce(settings: Settings, plan: Plan) -> None:
    """Show what is going to run."""
    problem, out = plan.problem, screen()
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    held_out = f" ({problem.split.held_out})" if problem.split.held_out else ""
    out.print(f"\n[bold]{settings.model.name}[/] on {problem.name}", highlight=False)
    lines = {
        "data": f"{problem.table.path}, {problem.table.counted}: {counts} ({problem.labels.rule})",
        "features": f"{', '.join(problem.X.columns)} (features={problem.features})",
        "split": f"{len(problem.split.train):,} genes to train on, {len(problem.split.test):,} held out{held_out}, "
        f"{len(problem.split.folds)} folds"
        + ("" if problem.split.together is None else f"; rows of one {problem.split.by} stay together"),
        "search": _search(settings, plan),
    }
    if folders := own_folders():
        lines["conf"] = "; ".join(map(choices_line, folders))
    if len(problem.labels.classes) > 2 and settings.model.multiclass:
        multiclass = ", ".join(f"{name}={value}" for name, value in settings.model.multiclass.items())
        lines["model"] = f"{multiclass} for {len(problem.labels.classes)} classes (model.multiclass)"
    if problem.split.full:
        lines["sample"] = (
            f"{len(problem.split.train):,} of the {len(problem.split.full.train):,} training genes, each class in "
            f"its share (model.max_rows={settings.model.max_rows}, model.final_fit={settings.model.final_fit})"
        )
    for name, line in lines.items():
        out.print(f"  {name:<9}{line}", highlight=False, markup=False, soft_wrap=True)
    for item in problem.table.findings:
        key = (settings.sweep_id, problem.table.path, item.message)
        if key not in REPORTED:
            finding(out, item)
        REPORTED.add(key)
    for line in filter(None, [problem.labels.note]):
        out.print(f"  note     {line}", highlight=False, markup=False, soft_wrap=True)
    style = "bold red" if problem.leaks else "green"
    out.print(f"  leak     {', '.join(problem.leak) or 'none'}", style=style, highlight=False, markup=False)
    if graded := problem.trained.graded:
        out.print(
            f"  nearly   {', '.join(graded)}: left out of the honest score", highlight=False, markup=False
        )
    if problem.shared.rows:
        out.print(f"  shared   {problem.shared.sentence}", highlight=False, markup=False, soft_wrap=True)


def _search(settings: Settings, plan: Plan) -> str:
    search, trials = settings.search, plan.strategy.total
    if trials == 1:
        return "none, the model's own defaults"
    unused = f" (search.n_trials={search.n_trials} is not used: a grid has all its points)"
    all_points = search.name == "grid" and search.n_trials not in (None, trials)
    return f"{search.name}, {trials} trials for {search.scoring}{unused if all_points else ''}"


def watch(settings: Settings, stopping: Callable[[], AbstractContextManager[Callable[[], bool]]]) -> Watch:
    """What the terminal shows of a run: nothing but warnings with ``quiet=true`` or ``format=json``."""
    if settings.quiet or settings.format == "json":
        return Watch(
            trials=lambda plan, scoring, finished: nullcontext(lambda reading, trial: None), stopping=stopping
        )
    return Watch(planned=_planned, stopping=stopping)


def _planned(settings: Settings, plan: Plan, sink: Sink) -> None:
    announce(settings, plan)
    if settings.resume:
        tell(resumed=f"{sink.run_id}, {len(sink.known)} trials are there already")
