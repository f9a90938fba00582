"""What stands on a model's page: what it answers, from what, and what its score is worth."""

from dge_experiments.errors import listed
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import HONEST
from dge_experiments.report.words import verdict
from dge_experiments.report.words.description import as_written


def logged_model(experiment: Result, reading: str) -> str:
    """Markdown on the model of a reading."""
    problem, scoring = experiment.plan.problem, experiment.settings.search.scoring
    lead = ""
    if reading == HONEST:
        lead = f"Made without {listed(problem.withheld)}, which give the label away or nearly."
    elif problem.leaks or problem.withheld:
        lead = problem.verdict
    what = (
        f"{experiment.settings.model.first}: {' or '.join(problem.labels.classes)} ({problem.labels.rule}), from "
        f"{listed(problem.readings[reading])}."
    )
    worth = verdict.earned(experiment.readings[reading].test, scoring)
    bold = [f"**{as_written(lead)}**"] if lead else []
    return "\n\n".join([*bold, as_written(what), as_written(worth)])
