"""The Python API, over which the commands are thin: tables, runs, comparison, registry, predictions."""

import html
import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from joblib import Memory

from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import Plan, prepare
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.run import run as run_experiment
from dge_experiments.report import document, finished, folder, log
from dge_experiments.report.page.page import page
from dge_experiments.report.progress import progress
from dge_experiments.report.records import Text
from dge_experiments.report.sink import Sink, Untracked
from dge_experiments.search.engine import Trial
from dge_experiments.settings import Settings
from dge_experiments.settings.compose import compose, new_sweep_id
from dge_experiments.settings.estimator import estimator
from dge_experiments.tables import Table as Table
from dge_experiments.tables import read

COMMAND = "python -m dge_experiments"
SHARED = ".shared"
OnTrial = Callable[[Trial], None]


@dataclass(frozen=True)
class Output:
    """Attributes
    ----------
    folder : where the run's files go; it is there
    command : what starts this very run again
    alone : whether it is no job of a sweep
    """

    folder: Path
    command: str
    alone: bool = True

    @property
    def memory(self) -> Memory:
        """What the jobs of a sweep, in folders side by side, share while it runs."""
        return Memory(None if self.alone else self.folder.parent / SHARED, verbose=0)


@dataclass(frozen=True)
class Experiment:
    """A finished run; in a notebook it shows its report.

    Attributes
    ----------
    result : everything that was computed
    report : the report as HTML
    folder : where its files are
    sink : where it was tracked
    """

    result: Result = field(repr=False)
    report: str = field(repr=False)
    folder: Path
    sink: Sink = field(repr=False)

    @property
    def run_id(self) -> str:
        """Its run in MLflow, "" where it was not tracked."""
        return self.sink.run_id

    @property
    def scores(self) -> pd.DataFrame:
        """Rows are metrics: held-out scores with 95 % limits, as given and honest where there are label sources, and
        the constant answer's."""
        return document.scores(self.result)

    @property
    def verdict(self) -> str:
        """The findings in plain words: the leak, then the score that is earned."""
        return " ".join(document.verdicts(self.result))

    @property
    def predictions(self) -> pd.DataFrame:
        """Rows are held-out genes: gene, true class, predicted class, probability of each class."""
        return finished.predictions(self.result)

    def save_report(self, path: str | Path) -> Path:
        """Write the report, one HTML file that needs no network."""
        file = Path(path)
        file.write_text(self.report, encoding="utf-8")
        return file

    def _repr_html_(self) -> str:
        frame = '<iframe srcdoc="{}" style="width: 100%; height: 700px; border: 0"></iframe>'
        return frame.format(html.escape(self.report))


@dataclass(frozen=True)
class Watch:
    """What is shown while a run goes on.

    Attributes
    ----------
    planned : called with what is going to run, and the trials that are there already
    trials : plan, scoring, trials that are there -> a context that gives what is called with each new trial
    stopping : entered for the search; gives what tells whether it is to stop
    """

    planned: Callable[[Settings, Plan, Sink], None] = lambda settings, plan, sink: None
    trials: Callable[[Plan, str, int], AbstractContextManager[OnTrial]] = progress
    stopping: Callable[[], AbstractContextManager[Callable[[], bool]]] = lambda: nullcontext(lambda: False)


def read_table(path: str | Path, **reading: Any) -> Table:
    """Read any published table of differential expression results; rows are genes.

    ``reading`` are the keywords of ``dge_experiments.tables.read``: ``columns``, ``dialect``, ``sheet``, ``group``,
    ``missing``, ``derive`` and others. ``bundled:NAME`` is a table that comes with the package.

    Raises
    ------
    BadInput
        the file cannot be read as such a table
    """
    return read(path, **reading)


def run(
    *overrides: str, table: pd.DataFrame | None = None, on_trial: OnTrial = lambda trial: None
) -> Experiment:
    """Tune a model, score it on held-out genes, explain it and track it, as the command ``run`` does.

    Parameters
    ----------
    overrides : as on the command line: ``"model=xgboost"``, ``"data.path=FILE"``, ``"tracking=none"``
    table : rows are genes; read in place of ``data.path``, with its index as a column where that has a name
    on_trial : called with each new trial

    Raises
    ------
    BadInput
        settings or a table that cannot be used
    """
    with _written(table) as given:
        settings = compose([f"sweep_id={new_sweep_id()}", *given, *overrides])
        out = Path(settings.out)
        out.mkdir(parents=True, exist_ok=True)
        command = shlex.join([*shlex.split(COMMAND), *overrides])
        return execute(settings, Output(out, command), Watch(trials=_also(on_trial)))


def execute(settings: Settings, output: Output, watch: Watch) -> Experiment:
    """One experiment from checked settings: plan, search, scores, explanation, report, records."""
    scoring = settings.search.scoring
    with log.written(output.folder) as file:
        plan = prepare(settings, estimator(settings.model))
        log.planned(plan)
        with _sink(settings, plan, output) as sink:
            watch.planned(settings, plan, sink)

            def on_trial(trial: Trial) -> None:
                log.trial(trial, scoring)
                sink.trial(trial)
                shown(trial)

            with (
                watch.trials(plan, scoring, len(sink.known)) as shown,
                log.timed("search, scores and explanation"),
            ):
                result = run_experiment(settings, plan, on_trial, sink.known, watch.stopping(), output.memory)
            with log.timed("the report"):
                report = page(document.report(result, [("The same run again:", output.command)]))
            records = list(finished.records(result, report, sink.artifact_link("report.html")))
            folder.write(output.folder, records)
            sink.log([*records, Text(log.NAME, file.read_text(encoding="utf-8"))])
    return Experiment(result, report, output.folder, sink)


@contextmanager
def _sink(settings: Settings, plan: Plan, output: Output) -> Iterator[Sink]:
    if settings.tracking.name == "none":
        if settings.resume:
            raise BadInput(
                f"resume={settings.resume}: tracking=none keeps no trials; choose another tracking"
            )
        yield Untracked()
        return
    from dge_experiments.tracking.sink import tracked

    with tracked(settings, plan, output.folder, output.command, output.alone) as sink:
        yield sink


@contextmanager
def _written(table: pd.DataFrame | None) -> Iterator[list[str]]:
    """A frame as a file, and the overrides that read it."""
    if table is None:
        yield []
        return
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / "table.csv"
        named = any(name is not None for name in table.index.names)
        table.to_csv(file, index=named)
        yield ["data=table", f"data.path={file}"]


def _also(on_trial: OnTrial) -> Callable[[Plan, str, int], AbstractContextManager[OnTrial]]:
    """The progress bar, and ``on_trial`` called beside it."""

    @contextmanager
    def trials(plan: Plan, scoring: str, done: int) -> Iterator[OnTrial]:
        with progress(plan, scoring, done) as advance:

            def both(trial: Trial) -> None:
                advance(trial)
                on_trial(trial)

            yield both

    return trials
