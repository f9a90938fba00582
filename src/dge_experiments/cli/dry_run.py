"""``dry_run=true``: what a run would do, how long its search would take, and nothing else."""

import json
from dataclasses import asdict

from dge_experiments.api.execute import Output
from dge_experiments.cli import console
from dge_experiments.experiment.forecast import forecast
from dge_experiments.experiment.plan import prepare
from dge_experiments.settings import Settings
from dge_experiments.settings.estimator import estimator


def show(settings: Settings, output: Output) -> None:
    """Plan the run, time a few fits, and say what would be done, as text or as one JSON object."""
    plan = prepare(settings, estimator(settings.model))
    expected, problem = forecast(settings, plan), plan.problem
    tiers = problem.trained.tiers
    if settings.format == "json":
        summary = {
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
        print(json.dumps(summary, indent=1))
        return
    console.announce(settings, plan)
    for row in tiers.to_dict("records"):
        console.tell(**{"": f"{row['feature']}: {row['tier']} ({row['reason']})"})
    twice = expected.searches > 1
    searches, as_well = ("searches", ", as given and honest: leak.search=own") if twice else ("search", "")
    console.tell(
        fits=f"{expected.fits:,} ({expected.trials:,} trials on {expected.folds} folds{as_well}), "
        f"{expected.seconds_per_fit:.2f} s each, {expected.workers} at the same time",
        time=f"about {expected.minutes:.1f} minutes for the {searches}; scores, explanations and report come on top",
        folder=str(output.folder),
        dry_run="nothing was run or written",
    )
