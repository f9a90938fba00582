"""One experiment from checked settings: what ``run`` does, on the command line and in Python."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from joblib import Memory

from dge_experiments.api.experiment import Experiment
from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import Plan, prepare
from dge_experiments.experiment.run import OnTrial
from dge_experiments.experiment.run import run as run_experiment
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.report import document, finished, folder, log
from dge_experiments.report.page.page import page
from dge_experiments.report.progress import progress
from dge_experiments.report.records import Text
from dge_experiments.report.sink import Sink, Untracked
from dge_experiments.search import compute
from dge_experiments.search.engine import Trial
from dge_experiments.settings import Settings
from dge_experiments.settings.estimator import estimator

COMMAND = "python -m dge_experiments"
SHARED = ".shared"


@dataclass(frozen=True)
class Output:
    """Attributes
    ----------
    folder : where the run's files go; it exists
    command : starts the same run again
    alone : False for a job of a sweep
    """

    folder: Path
    command: str
    alone: bool = True

    @property
    def memory(self) -> Memory:
        """The cache that the jobs of a sweep share while it runs, in the folder above theirs."""
        return Memory(None if self.alone else self.folder.parent / SHARED, verbose=0)


@dataclass(frozen=True)
class Watch:
    """What is shown while a run goes on.

    Attributes
    ----------
    planned : called before the search with the settings, the plan and the sink, which has the finished trials
    trials : plan, scoring, number of finished trials -> a context that yields a function; it is called with the reading
        and each new trial of it
    stopping : a context for the search; it yields a function that is true when the search has to stop
    """

    planned: Callable[[Settings, Plan, Sink], None] = lambda settings, plan, sink: None
    trials: Callable[[Plan, str, int], AbstractContextManager[OnTrial]] = progress
    stopping: Callable[[], AbstractContextManager[Callable[[], bool]]] = lambda: nullcontext(lambda: False)


def execute(settings: Settings, output: Output, watch: Watch) -> Experiment:
    """One experiment from checked settings: plan, search, scores, explanation, report, records."""
    scoring = settings.search.scoring
    with log.written(output.folder) as file:
        plan = prepare(settings, estimator(settings.model), output.memory)
        with ExitStack() as stack:
            with compute.starting(settings.compute.name, settings.compute.workers, plan.pipeline):
                sink = stack.enter_context(_sink(settings, plan, output))
            log.planned(plan)
            watch.planned(settings, plan, sink)

            def on_trial(reading: str, trial: Trial) -> None:
                log.trial(trial, scoring, reading)
                if reading == AS_GIVEN:
                    sink.trial(trial)
                show_trial(reading, trial)

            with (
                watch.trials(plan, scoring, len(sink.known)) as show_trial,
                log.timed("search, scores and explanation"),
            ):
                result = run_experiment(settings, plan, on_trial, sink.known, watch.stopping(), output.memory)
            with log.timed("the report"):
                report = page(document.report(result, [("The same run again:", output.command)]))
            records = list(finished.records(result, report, sink.artifact_link("report.html")))
            folder.write(output.folder, records)
            sink.log([*records, Text(log.NAME, file.read_text(encoding="utf-8"))])
    return Experiment(result, report, output.folder, sink)


def checked(settings: Settings) -> None:
    """Check that a run to be resumed has a store, which keeps its trials.

    Raises
    ------
    BadInput
        ``resume`` without a store
    """
    if settings.resume and settings.tracking.name == "none":
        raise BadInput(f"resume={settings.resume}: tracking=none keeps no trials; choose another tracking")


@contextmanager
def _sink(settings: Settings, plan: Plan, output: Output) -> Iterator[Sink]:
    checked(settings)
    if settings.tracking.name == "none":
        yield Untracked()
        return
    from dge_experiments.tracking.sink import tracked

    with tracked(settings, plan, output.folder, output.command, output.alone) as sink:
        yield sink
