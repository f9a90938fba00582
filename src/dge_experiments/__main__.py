"""The main door: ``python -m dge_experiments [key=value ...]``."""

import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dge_experiments.errors import BadInput
from dge_experiments.launch import start
from dge_experiments.settings import Settings, first_line, read

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from dge_experiments.leaderboard import Entry
    from dge_experiments.search.engine import Trial
    from dge_experiments.settings import Tracking
    from dge_experiments.tracking.runs import ParentRun

    Finished = tuple[Entry, Tracking | None]


def main() -> None:
    """One run, or with ``-m`` a sweep and its leaderboard."""
    sweep_id = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    start(run, "config", Settings, (f"sweep_id={sweep_id}",), leaderboards)


def run(cfg: "DictConfig") -> "Finished":
    """Run one experiment; its place in a leaderboard, and where it was tracked."""
    settings = read(cfg, Settings)
    from dge_experiments import console, experiment, leaderboard, outcome

    scoring = settings.search.scoring
    plan = experiment.prepare(settings, _estimator(settings))
    if settings.tracking.name == "none":
        console.announce(settings, plan)
        with console.progress(plan, scoring) as advance:
            result = experiment.run(settings, plan, advance)
        console.result(result)
        return leaderboard.entry(result), None

    from dge_experiments.tracking import runs, store

    client = store.connect(settings.tracking.uri)
    console.announce(settings, plan)
    tags = outcome.tags(settings, plan)
    name = f"{settings.model.name}-{tags['search']}"
    with (
        runs.parent(
            client, plan.problem.name, name, tags, _folder(), settings.tracking.patience, _alone()
        ) as parent,
        console.progress(plan, scoring) as advance,
    ):

        def on_trial(trial: "Trial") -> None:
            parent.log_trial(trial, scoring)
            advance(trial)

        result = experiment.run(settings, plan, on_trial)
        parent.log(outcome.records(result))
    console.result(result)
    if parent.unsent:
        console.warn(f"the store is away; the results are in {parent.folder}")
        console.tell(later=f"python -m dge_experiments.sync {parent.folder}")
        return leaderboard.entry(result), None
    _links(settings, parent, list(result.study.best.candidate))
    return leaderboard.entry(result), settings.tracking


def leaderboards(finished: "list[Finished]") -> None:
    """A leaderboard for each question and split of a sweep of two runs or more."""
    if len(finished) < 2:
        return
    from dge_experiments import console, leaderboard

    for board in leaderboard.leaderboards([entry for entry, _ in finished]):
        console.leaderboard(board)
        tracking = finished[0][1]
        if tracking is not None:
            from dge_experiments.tracking import store, sweeps

            sweep_id, experiment = (str(board.frame[key].iloc[0]) for key in ("sweep_id", "experiment"))
            client = store.connect(tracking.uri)
            run = sweeps.log_leaderboard(client, experiment, sweep_id, leaderboard.records(board))
            console.tell(
                start=store.ui()[1],
                table=sweeps.table_link(client, run.experiment_id, sweep_id, board.scoring),
                charts=sweeps.chart_link(client, run.experiment_id, sweep_id, board.scoring),
            )


def _folder() -> Path:
    """The output folder of this run."""
    from hydra.core.hydra_config import HydraConfig

    return Path(HydraConfig.get().runtime.output_dir)


def _alone() -> bool:
    """Whether this run is no job of a sweep."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    return bool(HydraConfig.get().mode == RunMode.RUN)


def _estimator(settings: Settings) -> Any:
    from hydra.errors import HydraException
    from hydra.utils import instantiate

    try:
        return instantiate(settings.model.estimator)
    except HydraException as error:
        reason = error.__cause__ or error
        raise BadInput(f"model.estimator: {first_line(reason)}") from None


def _links(settings: Settings, parent: "ParentRun", parameters: list[str]) -> None:
    from dge_experiments import console
    from dge_experiments.tracking import store, sweeps

    scoring = settings.search.scoring
    base, command = store.ui()
    console.tell(
        run=f"{parent.run_id}  {base}/#/experiments/{parent.experiment_id}/runs/{parent.run_id}",
        model=parent.model_uri or "",
        start=command,
        table=sweeps.table_link(parent.client, parent.experiment_id, settings.sweep_id, scoring),
        trials=sweeps.trials_link(parent, parameters, scoring),
    )


if __name__ == "__main__":
    main()
