"""A progress bar for a search, in a terminal and in a notebook."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dge_experiments.experiment.plan import Plan
from dge_experiments.experiment.run import OnTrial
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.search.engine import Trial, best


@contextmanager
def progress(plan: Plan, scoring: str, finished: int = 0) -> Iterator[OnTrial]:
    """A bar for each search with the best score so far and the time left, on stderr; silent where stderr is no terminal
    and no notebook with ipywidgets, which rich draws its bars with.

    ``finished`` trials as given already exist.
    """
    err = Console(stderr=True)
    bar = Progress(
        TextColumn("  [bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[best]}"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not (find_spec("ipywidgets") if err.is_jupyter else err.is_terminal),
    )
    leaders: dict[str, Trial | None] = {}
    total = plan.strategy.total
    with bar:
        tasks = {AS_GIVEN: bar.add_task("trials", total=total, completed=min(finished, total), best="")}

        def advance(reading: str, trial: Trial) -> None:
            if reading not in tasks:
                tasks[reading] = bar.add_task(f"{reading} trials", total=total, best="")
            leader = leaders[reading] = best(filter(None, [leaders.get(reading), trial]), scoring)
            leader_text = f"best CV {scoring} {leader.mean(scoring):.4f}" if leader else ""
            bar.update(tasks[reading], advance=1, best=leader_text)

        yield advance
