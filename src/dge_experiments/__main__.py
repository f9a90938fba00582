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

    from dge_experiments.search.engine import Trial
    from dge_experiments.tracking.runs import ParentRun

Row = dict[str, Any]


def main() -> None:
    """One run, or with ``-m`` a sweep and its leaderboard."""
    sweep_id = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    start(run, "config", Settings, (f"sweep_id={sweep_id}",), leaderboards)


def run(cfg: "DictConfig") -> Row:
    """Run one experiment; its row in the leaderboard."""
    settings = read(cfg, Settings)
    from dge_experiments import console, experiment, outcome

    scoring = settings.search.scoring
    plan = experiment.prepare(settings, _estimator(settings))
    if settings.tracking.name == "none":
        console.announce(settings, plan)
        with console.progress(plan, scoring) as advance:
            result = experiment.run(settings, plan, advance)
        console.result(result)
        return outcome.row(result)

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
        return outcome.row(result)
    _links(settings, parent, list(result.study.best.candidate))
    return {**outcome.row(result), "run_id": parent.run_id, "uri": settings.tracking.uri}


def leaderboards(rows: list[Row]) -> None:
    """A leaderboard for each question and split of a sweep of two runs or more."""
    if len(rows) < 2:
        return
    import pandas as pd

    from dge_experiments import console, outcome

    comparable = ["experiment", "split_hash", "scoring"]
    for key, group in pd.DataFrame(rows).groupby(comparable, sort=False):
        experiment, _, scoring = map(str, key)
        frame = group.sort_values(f"cv/{scoring}", ascending=False, kind="stable").reset_index(drop=True)
        console.leaderboard(frame)
        if "run_id" in frame:
            from dge_experiments.tracking import store, sweeps

            sweep_id, uri = str(frame["sweep_id"][0]), frame["uri"][0]
            client = store.connect(uri)
            records = outcome.leaderboard(frame.drop(columns="uri"))
            board = sweeps.log_leaderboard(client, experiment, sweep_id, records)
            console.tell(
                start=store.ui()[1],
                table=sweeps.table_link(client, board.experiment_id, sweep_id, scoring),
                charts=sweeps.chart_link(client, board.experiment_id, sweep_id, scoring),
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
