"""``dge.run``: the command ``run`` as a function."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pandas as pd

from dge_experiments.api.execute import COMMAND, Output, Watch, execute
from dge_experiments.api.experiment import Experiment
from dge_experiments.api.table import as_file
from dge_experiments.experiment.plan import Plan
from dge_experiments.experiment.run import OnTrial
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.report.progress import progress
from dge_experiments.search.engine import Trial
from dge_experiments.settings.compose import compose, new_sweep_id


def run(
    *overrides: str, table: pd.DataFrame | None = None, on_trial: Callable[[Trial], None] = lambda trial: None
) -> Experiment:
    """Tune a model, score it on held-out genes, explain it and track it, as the command ``run`` does.

    Parameters
    ----------
    overrides : as on the command line: ``"model=xgboost"``, ``"data.path=FILE"``, ``"tracking=none"``
    table : rows are genes; read in place of ``data.path``, with its index as a column where that has a name
    on_trial : called with each new trial of the score as given, not with those of the honest score's search

    Raises
    ------
    BadInput
        settings or a table that cannot be used
    """
    with nullcontext() if table is None else as_file(table) as file:
        data = [] if file is None else ["data=table", f"data.path={file}"]
        settings = compose([f"sweep_id={new_sweep_id()}", *data, *overrides])
        out = Path(settings.out)
        out.mkdir(parents=True, exist_ok=True)
        command = shlex.join([*shlex.split(COMMAND), *overrides])
        return execute(settings, Output(out, command), Watch(trials=_also(on_trial)))


def _also(on_trial: Callable[[Trial], None]) -> Callable[[Plan, str, int], AbstractContextManager[OnTrial]]:
    """The progress bar, which also calls ``on_trial``."""

    @contextmanager
    def trials(plan: Plan, scoring: str, done: int) -> Iterator[OnTrial]:
        with progress(plan, scoring, done) as advance:

            def show_and_call(reading: str, trial: Trial) -> None:
                advance(reading, trial)
                if reading == AS_GIVEN:
                    on_trial(trial)

            yield show_and_call

    return trials
