"""The main command: ``python -m dge_experiments [key=value ...]``."""

import secrets
import shlex
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import patient, start
from dge_experiments.errors import BadInput
from dge_experiments.settings import Settings, read

if TYPE_CHECKING:
    from pathlib import Path

    from omegaconf import DictConfig

    from dge_experiments.experiment.result import Result
    from dge_experiments.report.sweep_board import Entry
    from dge_experiments.search.engine import Trial
    from dge_experiments.settings import Tracking
    from dge_experiments.tracking.runs import ParentRun

    Finished = tuple[Entry, Path, Tracking | None]

COMMAND = "python -m dge_experiments"


def main() -> None:
    """One run, or with ``-m`` a sweep and its leaderboard."""
    sweep_id = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    start(run, "config", Settings, (f"sweep_id={sweep_id}",), leaderboards)


def run(cfg: "DictConfig") -> "Finished":
    """Run one experiment; its place in a leaderboard, its output folder, and where it was tracked."""
    settings = read(cfg, Settings)
    _reach(settings.tracking)
    from dge_experiments.cli import console, scores
    from dge_experiments.experiment.plan import prepare
    from dge_experiments.experiment.run import run as run_experiment
    from dge_experiments.report import finished, sweep_board
    from dge_experiments.report import stopped as stopped_records
    from dge_experiments.search.study import Stopped
    from dge_experiments.settings.estimator import estimator

    scoring = settings.search.scoring
    plan = prepare(settings, estimator(settings.model))
    if settings.tracking.name == "none":
        if settings.resume:
            raise BadInput(
                f"resume={settings.resume}: tracking=none keeps no trials; choose another tracking"
            )
        console.announce(settings, plan)
        with console.progress(plan, scoring) as advance:
            try:
                result = run_experiment(settings, plan, advance, stopping=patient())
            except Stopped as stopped:
                console.stopped(stopped.study)
                raise
        scores.result(result)
        _, written = _report(result)
        console.tell(report=str(written))
        return sweep_board.entry(result), written.parent, None

    from dge_experiments.tracking import resume, runs, store
    from dge_experiments.tracking import tags as tags_of

    client = store.connect(settings.tracking.uri)
    for run in resume.close_stale(client):
        again = f"{run.data.tags.get('command', COMMAND)} resume={run.info.run_id}"
        console.tell(stale=f"{run.info.run_id} ({run.info.run_name}) was interrupted; go on with {again}")
    tags, own_tags = tags_of.tags(settings, plan), tags_of.own_tags(settings, plan, _command())
    known, resumed = None, None
    if settings.resume:
        found = resume.find(client, plan.problem.name, settings.resume, own_tags["config_hash"])
        known, resumed = resume.recorded(client, found), found.info.run_id
    console.announce(settings, plan)
    if known is not None:
        console.tell(resumed=f"{resumed}, {len(known)} trials are there already")
    name = tags_of.run_name(tags)
    with (
        runs.parent(
            client,
            plan.problem.name,
            name,
            tags,
            _folder(),
            settings.tracking.patience,
            _alone(),
            own_tags=own_tags,
            resumed=resumed,
        ) as parent,
        console.progress(plan, scoring, len(known or {})) as advance,
    ):

        def on_trial(trial: "Trial") -> None:
            waited = bool(parent.journal.waiting)
            parent.log_trial(trial, scoring)
            if waited != bool(parent.journal.waiting):
                console.warn(
                    "the store is back"
                    if waited
                    else f"the store is away; trials wait in {parent.journal.file}"
                )
            advance(trial)

        try:
            result = run_experiment(settings, plan, on_trial, known, patient())
        except (KeyboardInterrupt, SystemExit) as stopped:
            if isinstance(stopped, Stopped):
                console.stopped(stopped.study)
                parent.log(stopped_records.records(stopped.study), "KILLED")
            console.tell(resume=f"{own_tags['command']} resume={parent.run_id}")
            if parent.journal.waiting:
                console.tell(later=f"python -m dge_experiments sync {parent.folder}")
            raise
        html, written = _report(result)
        if parent.away:
            console.warn(f"the store is away: waiting up to {parent.patience:g} s; Ctrl-C leaves all on disk")
        parent.log(finished.records(result, html, parent.artifact_link("report.html")))
    scores.result(result)
    if parent.unsent:
        console.warn(f"the store has not taken everything ({parent.fault}); it is all in {parent.folder}")
        console.tell(later=f"python -m dge_experiments sync {parent.folder}")
        return sweep_board.entry(result), written.parent, None
    _links(result, parent, str(written))
    return sweep_board.entry(result), written.parent, settings.tracking


def leaderboards(finished: "list[Finished]") -> None:
    """A leaderboard for each question and split of a sweep of two runs or more."""
    if len(finished) < 2:
        return
    from dge_experiments.cli import console, scores
    from dge_experiments.report import document, sweep_board
    from dge_experiments.report.page.page import page

    _, folder, tracking = finished[0]
    for number, board in enumerate(sweep_board.leaderboards([entry for entry, *_ in finished])):
        scores.leaderboard(board)
        typed = shlex.join(
            [*shlex.split(COMMAND), *(a for a in sys.argv[1:] if not a.startswith("sweep_id="))]
        )
        again = [("The same sweep again:", typed)]
        html = page(document.sweep(board.experiments, board.frame, board.sentences, board.pairwise, again))
        written = folder.parent / f"report-{number}.html"
        written.write_text(html, encoding="utf-8")
        console.tell(report=str(written))
        if tracking is not None:
            from dge_experiments.tracking import store, sweeps

            sweep_id, experiment = (str(board.frame[key].iloc[0]) for key in ("sweep_id", "experiment"))
            client = store.connect(tracking.uri)
            run = sweeps.log_leaderboard(
                client, experiment, sweep_id, partial(sweep_board.records, board, html)
            )
            links = sweeps.sweep_links(
                client, run.experiment_id, sweep_id, f"cv/{board.scoring}", list(map(str, board.frame))
            )
            console.tell(start=store.ui()[1], table=links.table, charts=links.charts)


def _report(result: "Result") -> tuple[str, Path]:
    """The run's report as HTML, and where it was written: the run's Hydra output directory."""
    from dge_experiments.report import document
    from dge_experiments.report.page.page import page

    html = page(document.report(result, [("The same run again:", _command())]))
    file = _folder() / "report.html"
    file.write_text(html, encoding="utf-8")
    return html, file


def _reach(tracking: "Tracking") -> None:
    """Ask the server before any work; a later run of a sweep waits for one that is away."""
    from dge_experiments.tracking import server

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
    """Whether this run is no job of a sweep."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    return bool(HydraConfig.get().mode == RunMode.RUN)


def _first() -> bool:
    """Whether no run of this command came before this one."""
    from hydra.core.hydra_config import HydraConfig

    return _alone() or HydraConfig.get().job.num == 0


def _command() -> str:
    """The command that starts this very run, one job of a sweep as a run of its own."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    hydra = HydraConfig.get()
    given = [o for o in hydra.overrides.task if o.split("=")[0] not in ("sweep_id", "resume")]
    one = ["hydra.mode=RUN"] if hydra.mode == RunMode.MULTIRUN else []
    return shlex.join([*shlex.split(COMMAND), *given, *one])


def _links(result: "Result", parent: "ParentRun", report: str) -> None:
    from dge_experiments.cli import console
    from dge_experiments.report import finished
    from dge_experiments.tracking import store, sweeps

    settings = result.settings
    scoring, model = settings.search.scoring, settings.model.name
    searched = dict.fromkeys(name for trial in result.study.trials for name in trial.candidate)
    base, command = store.ui()
    known = finished.metrics(result)
    board = sweeps.sweep_links(parent.client, parent.experiment_id, settings.sweep_id, f"cv/{scoring}", known)
    trials = sweeps.trials_links(parent, model, list(searched), scoring)
    console.tell(
        run=f"{parent.run_id}  {base}/#/experiments/{parent.experiment_id}/runs/{parent.run_id}",
        model=parent.model_uri or "",
        report=report,
        start=command,
        table=board.table,
        charts=board.charts,
        trials=trials.table,
        parallel=trials.charts if len(result.study.trials) > 1 else "",
    )
