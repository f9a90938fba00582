"""``dge-experiments run``: one experiment, or with ``-m`` a sweep and its leaderboard."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dge_experiments.cli.launch import remove_empty_output, start
from dge_experiments.cli.signals import graceful_stop
from dge_experiments.settings import Settings, read
from dge_experiments.settings.compose import new_sweep_id
from dge_experiments.settings.conf import own_folders, shown_path

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from dge_experiments.api.experiment import Experiment

COMMAND = "python -m dge_experiments"


def main() -> None:
    """One run, or with ``-m`` a sweep and its leaderboard."""
    start(run, "config", Settings, (f"sweep_id={new_sweep_id()}",), after=finish)


def run(cfg: "DictConfig") -> "Experiment | dict[str, Any] | None":
    """Run one experiment and show its result; with ``dry_run=true`` only show what would be done.

    With ``studies`` the run compares several studies instead. With ``format=json``, a dry run and a run of studies
    return plain values.
    """
    settings = read(cfg, Settings)
    _reach(settings)
    from dge_experiments.api.execute import Output, execute
    from dge_experiments.cli import announcement, console, scores

    output = Output(_folder(), _command(), _alone())
    if settings.dry_run:
        from dge_experiments.cli import dry_run

        plan = dry_run.planned(settings, output)
        remove_empty_output()
        return plan
    if settings.studies:
        from dge_experiments.api import studies as several
        from dge_experiments.cli import studies

        with console.logged(settings):
            result = several.execute(settings, output)
        return studies.show(result, settings.format)
    with console.logged(settings), console.report_stop():
        experiment = execute(settings, output, announcement.watch(settings, graceful_stop))
    if settings.format == "text":
        scores.result(experiment.result)
        console.tell(report=str(experiment.folder / "report.html"))
        if not settings.quiet:
            console.tell(**experiment.sink.links(experiment.result))
    return experiment


def finish(returned: "list[Experiment | dict[str, Any] | None]") -> None:
    """Show the leaderboards of a sweep of at least two runs; print everything as JSON with ``format=json``."""
    from dge_experiments.cli import sweep

    if results := [result for result in returned if result is not None]:
        sweep.finish(results)


def _reach(settings: Settings) -> None:
    """Check the server before any work; a later run of a sweep waits for one that does not answer."""
    from dge_experiments.tracking import server

    tracking = settings.tracking
    uri = server.address(tracking.uri) if tracking.name != "none" else None
    if uri is None:
        return
    if not _first() and not server.answers(uri):
        from dge_experiments.cli import console

        console.warn(f"the store is away: waiting up to {tracking.patience:g} s before the next run")
        server.wait(lambda: server.answers(uri), tracking.patience)
    server.check(uri)


def _folder() -> Path:
    """The output folder of this run."""
    from hydra.core.hydra_config import HydraConfig

    return Path(HydraConfig.get().runtime.output_dir)


def _alone() -> bool:
    """Whether this run is not part of a sweep."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    return bool(HydraConfig.get().mode == RunMode.RUN)


def _first() -> bool:
    """Whether this is the first run of the command."""
    from hydra.core.hydra_config import HydraConfig

    return _alone() or HydraConfig.get().job.num == 0


def _command() -> str:
    """The command that starts the same run again; a job of a sweep becomes a single run."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    hydra = HydraConfig.get()
    overrides = [o for o in hydra.overrides.task if o.split("=")[0] not in ("sweep_id", "resume")]
    mode = ["hydra.mode=RUN"] if hydra.mode == RunMode.MULTIRUN else []
    config_dirs = [word for folder in own_folders() for word in ("--config-dir", shown_path(folder))]
    return shlex.join([*shlex.split(COMMAND), *config_dirs, *overrides, *mode])
