"""What the terminal says of a run before it starts and while it goes on."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from dge_experiments.api.execute import Watch
from dge_experiments.cli.console import finding, screen, tell
from dge_experiments.experiment.plan import Plan
from dge_experiments.report.sink import Sink
from dge_experiments.settings import Settings
from dge_experiments.settings.conf import choices_line, own_folders

SAID: set[tuple[str, str, str]] = set()  # sweep, table, finding: jobs on one table say it once


def announce(settings: Settings, plan: Plan) -> None:
    """Say what is going to run, before it does."""
    problem, out = plan.problem, screen()
    counts = ", ".join(f"{n:,} {label}" for label, n in problem.class_counts.items())
    named = f" ({problem.split.held_out})" if problem.split.held_out else ""
    out.print(f"\n[bold]{settings.model.name}[/] on {problem.name}", highlight=False)
    lines = {
        "data": f"{problem.table.path}, {problem.table.counted}: {counts} ({problem.labels.rule})",
        "features": f"{', '.join(problem.X.columns)} (features={problem.features})",
        "split": f"{len(problem.split.train):,} genes to train on, {len(problem.split.test):,} held out{named}, "
        f"{len(problem.split.folds)} folds"
        + ("" if problem.split.together is None else f"; rows of one {problem.split.by} stay together"),
        "search": _search(settings, plan),
    }
    if own := own_folders():
        lines["conf"] = "; ".join(map(choices_line, own))
    if len(problem.labels.classes) > 2 and settings.model.multiclass:
        said = ", ".join(f"{name}={value}" for name, value in settings.model.multiclass.items())
        lines["model"] = f"{said} for {len(problem.labels.classes)} classes (model.multiclass)"
    if problem.split.full:
        lines["sample"] = (
            f"{len(problem.split.train):,} of the {len(problem.split.full.train):,} training genes, each class in "
            f"its share (model.max_rows={settings.model.max_rows}, model.final_fit={settings.model.final_fit})"
        )
    for name, line in lines.items():
        out.print(f"  {name:<9}{line}", highlight=False, markup=False, soft_wrap=True)
    for found in problem.table.findings:
        known = (settings.sweep_id, problem.table.path, found.message)
        if known not in SAID:
            finding(out, found)
        SAID.add(known)
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
    chosen, trials = settings.search, plan.strategy.total
    if trials == 1:
        return "none, the model's own defaults"
    unused = f" (search.n_trials={chosen.n_trials} is not used: a grid has all its points)"
    all_points = chosen.name == "grid" and chosen.n_trials not in (None, trials)
    return f"{chosen.name}, {trials} trials for {chosen.scoring}{unused if all_points else ''}"


def watch(settings: Settings, stopping: Callable[[], AbstractContextManager[Callable[[], bool]]]) -> Watch:
    """What the terminal shows of a run: nothing but warnings with ``quiet=true`` or ``format=json``."""
    if settings.quiet or settings.format == "json":
        return Watch(
            trials=lambda plan, scoring, done: nullcontext(lambda reading, trial: None), stopping=stopping
        )
    return Watch(planned=_planned, stopping=stopping)


def _planned(settings: Settings, plan: Plan, sink: Sink) -> None:
    announce(settings, plan)
    if settings.resume:
        tell(resumed=f"{sink.run_id}, {len(sink.known)} trials are there already")
