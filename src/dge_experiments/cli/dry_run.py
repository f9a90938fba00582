"""``dry_run=true``: what a run would do, and how long its search would take."""

from dataclasses import asdict
from typing import Any

from dge_experiments.api.execute import Output, checked
from dge_experiments.api.studies import tables_of
from dge_experiments.cli import announcement, console
from dge_experiments.experiment.forecast import Forecast, forecast
from dge_experiments.experiment.plan import prepare
from dge_experiments.settings import Settings
from dge_experiments.settings.estimator import estimator

NOTHING = "nothing was run or written"


def planned(settings: Settings, output: Output) -> dict[str, Any] | None:
    """Plan the run, time a few fits, and show what would be done; with ``format=json``, return it as plain values.

    Raises
    ------
    BadInput
        what would stop the run itself, such as a ``resume`` that finds no run
    """
    checked(settings)
    if settings.studies:
        return _studies(settings, output)
    plan = prepare(settings, estimator(settings.model))
    finished = 0
    if settings.resume:
        from dge_experiments.tracking.sink import known_trials

        finished = known_trials(settings, plan, needed=output.alone)
    expected, problem = forecast(settings, plan, finished), plan.problem
    tiers = problem.trained.tiers
    if settings.format == "text":
        announcement.announce(settings, plan)
        for row in tiers.to_dict("records"):
            console.tell(**{"": f"{row['feature']}: {row['tier']} ({row['reason']})"})
        if settings.resume:
            console.tell(resumed=f"{finished} of {expected.trials} trials are there already")
        console.tell(**_time(expected), folder=str(output.folder), dry_run=NOTHING)
        return None
    return {
        "dry_run": True,
        "model": settings.model.name,
        "question": problem.name,
        "rule": problem.labels.rule,
        "rows": problem.table.rows,
        "genes": problem.class_counts,
        "features": tiers[["feature", "tier"]].to_dict("records"),
        "leak": list(problem.leak),
        **asdict(expected),
        "fits": expected.fits,
        "search_minutes": expected.minutes,
        "folder": str(output.folder),
    }


def _time(expected: Forecast) -> dict[str, str]:
    twice = expected.searches > 1
    searches, as_well = ("searches", ", as given and honest: leak.search=own") if twice else ("search", "")
    minutes = f"about {expected.minutes:.1f} minutes" if expected.minutes >= 1 else "less than a minute"
    return {
        "fits": f"{expected.fits:,} ({expected.trials:,} trials on {expected.folds} folds{as_well}), "
        f"{expected.seconds_per_fit:.2f} s each, {expected.workers} at the same time",
        "time": f"{minutes} for the {searches}; scores, explanations and report come on top",
    }


def _studies(settings: Settings, output: Output) -> dict[str, Any] | None:
    """The studies that would be left out in turn."""
    tables = tables_of(settings)
    pairs = len(tables) * (len(tables) - 1)
    if settings.format == "text":
        for name, table in tables.items():
            console.tell(study=f"{name}: {table.path}, {table.counted}")
        console.tell(
            pairs=f"{pairs} ordered, each study left out in turn",
            folder=str(output.folder),
            dry_run=NOTHING,
        )
        return None
    return {
        "dry_run": True,
        "model": settings.model.name,
        "studies": {name: len(table.frame) for name, table in tables.items()},
        "pairs": pairs,
        "folder": str(output.folder),
    }
