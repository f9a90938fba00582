"""A progress bar for a search, in a terminal and in a notebook."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dge_experiments.experiment.plan import Plan
from dge_experiments.search.engine import Trial, best


@contextmanager
def progress(plan: Plan, scoring: str, done: int = 0) -> Iterator[Callable[[Trial], None]]:
    """A bar with the best score so far and the time left, on stderr; silent where that is no terminal and no notebook
    with ipywidgets, which rich draws its bars with there.

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
        disable=not (find_spec("ipywidgets") if err.is_jupyter else err.is_terminal),
    )
    leader: Trial | None = None
    with bar:
        task = bar.add_task(
            "search", total=plan.strategy.total, completed=min(done, plan.strategy.total), best=""
        )

        def advance(trial: Trial) -> None:
            nonlocal leader
            leader = best(filter(None, [leader, trial]), scoring)
            shown = f"best CV {scoring} {leader.mean(scoring):.4f}" if leader else ""
            bar.update(task, advance=1, best=shown)

        yield advance
