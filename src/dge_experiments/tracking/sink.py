"""Writes a run's trials and results to the store."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dge_experiments.evaluation.key import leading
from dge_experiments.experiment.plan import Plan
from dge_experiments.experiment.result import Result
from dge_experiments.report import stopped
from dge_experiments.report.metrics import logged, metrics
from dge_experiments.report.parameters import parameters, planned
from dge_experiments.report.records import HONEST_MODEL, Params, Record
from dge_experiments.search.engine import Trial
from dge_experiments.search.recall import Recorded
from dge_experiments.search.study import Stopped
from dge_experiments.settings import Settings
from dge_experiments.tracking import resume, runs, store, sweeps
from dge_experiments.tracking import tags as run_tags

log = logging.getLogger(__name__)


@dataclass
class Tracked:
    """A parent run as a sink (see ``report.sink.Sink``); ``unchanged``: it was finished and has no new trial."""

    parent: runs.ParentRun
    scoring: str
    known: Mapping[int, Recorded]
    unchanged: bool = False

    @property
    def run_id(self) -> str:
        return self.parent.run_id

    @property
    def complete(self) -> bool:
        return not self.parent.unsent

    def trial(self, trial: Trial) -> None:
        self.unchanged = False
        was_away = bool(self.parent.journal.waiting)
        self.parent.log_trial(trial, self.scoring)
        if was_away and not self.parent.journal.waiting:
            log.warning("the store is back")
        elif not was_away and self.parent.journal.waiting:
            log.warning("the store is away; trials wait in %s", self.parent.journal.file)

    def log(self, records: Iterable[Record]) -> None:
        if self.unchanged:
            return
        if self.parent.away:
            log.warning(
                "the store is away: waiting up to %g s; Ctrl-C leaves all on disk", self.parent.patience
            )
        self.parent.log(records)

    def artifact_link(self, path: str) -> str:
        return self.parent.artifact_link(path)

    def links(self, result: Result) -> Mapping[str, str]:
        if self.parent.unsent:
            return {"later": _sync(self.parent.folder)}
        settings, parent = result.settings, self.parent
        searched = dict.fromkeys(name for trial in result.study.trials for name in trial.candidate)
        base, command = store.ui()
        known = logged(metrics(result), self.scoring)
        by = leading(self.scoring, [known])
        board = sweeps.sweep_links(parent.client, parent.experiment_id, settings.sweep_id, by, known)
        trials = sweeps.trials_links(parent, settings.model.name, list(searched), self.scoring)
        return {
            "run": f"{parent.run_id}  {base}/#/experiments/{parent.experiment_id}/runs/{parent.run_id}"
            "?workflowType=machine_learning",
            "model": parent.models.get(settings.model.name, ""),
            "honest": parent.models.get(f"{settings.model.name}{HONEST_MODEL}", ""),
            "start": command,
            "table": board.table,
            "charts": board.charts,
            "trials": trials.table,
            "parallel": trials.charts if len(result.study.trials) > 1 else "",
        }


def known_trials(settings: Settings, plan: Plan, *, needed: bool) -> int:
    """How many trials the run that ``resume`` names has; 0 if there is no such run and ``needed`` is false.

    Raises
    ------
    BadInput
        no such run, or a run of another configuration
    """
    client = store.connect(settings.tracking.uri)
    digest = run_tags.own_tags(settings, plan, "")["config_hash"]
    earlier = resume.find(client, plan.problem.name, settings.resume, digest, needed=needed)
    return resume.known(client, earlier) if earlier else 0


@contextmanager
def tracked(settings: Settings, plan: Plan, folder: Path, command: str, adopt: bool) -> Iterator[Tracked]:
    """Open the parent run in the store, or the one that ``resume`` names.

    What the store does not accept is saved in ``folder``; ``command`` starts this run again; ``adopt``: use the run
    that ``mlflow run`` created. A search that is stopped logs the results it has and the command that continues it.
    """
    client = store.connect(settings.tracking.uri)
    for stale in resume.close_stale(client):
        continuation = f"{stale.data.tags.get('command', command)} resume={stale.info.run_id}"
        log.warning(
            "%s (%s) was interrupted; continue with %s", stale.info.run_id, stale.info.run_name, continuation
        )
    tags, own_tags = run_tags.tags(settings, plan), run_tags.own_tags(settings, plan, command)
    known: Mapping[int, Recorded] = {}
    resumed, finished_before = None, False
    if settings.resume:
        earlier = resume.find(
            client, plan.problem.name, settings.resume, own_tags["config_hash"], needed=adopt
        )
        if earlier is not None:
            known, resumed = resume.recorded(client, earlier), earlier.info.run_id
            same_command = earlier.data.tags.get("command") == command
            finished_before = same_command and earlier.info.status == "FINISHED"
    with runs.parent(
        client, plan.problem.name, run_tags.run_name(tags, command), tags, folder, settings.tracking.patience, adopt,
        own_tags=own_tags, resumed=resumed, defaults=parameters(plan.pipeline[-1]),
    ) as parent:  # fmt: skip
        if resumed is None:
            parent.send(Params(planned(settings, plan)))
        try:
            yield Tracked(parent, settings.search.scoring, known, finished_before)
        except (KeyboardInterrupt, SystemExit) as interrupted:
            if isinstance(interrupted, Stopped):
                parent.log(stopped.records(interrupted.study), "KILLED")
            log.warning("continue with %s resume=%s", command, parent.run_id)
            if parent.journal.waiting:
                log.warning("send what waits with %s", _sync(parent.folder))
            raise
    if parent.unsent:
        log.warning("the store has not taken everything (%s); it is all in %s", parent.fault, parent.folder)


def _sync(folder: Path) -> str:
    return f"python -m dge_experiments sync {folder}"
