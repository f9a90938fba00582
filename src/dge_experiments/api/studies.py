"""Several studies from checked settings: what ``experiment=studies`` does."""

from dataclasses import dataclass
from pathlib import Path

from dge_experiments.api.execute import Output
from dge_experiments.experiment.inputs import further
from dge_experiments.experiment.studies import Studies, run
from dge_experiments.report import folder
from dge_experiments.report import studies as written
from dge_experiments.report.page.page import page
from dge_experiments.settings import Settings, plain
from dge_experiments.settings.estimator import estimator
from dge_experiments.tables import Table

QUESTION = "studies-replication"


@dataclass(frozen=True)
class Done:
    """``found``, written to ``folder``; ``link`` opens its run, "" where it was not tracked."""

    found: Studies
    folder: Path
    link: str


def tables_of(settings: Settings) -> dict[str, Table]:
    """Name of each study -> its table; a number follows where a name comes twice.

    Raises
    ------
    BadInput
        a table that cannot be read, an unknown reading option
    """
    found: dict[str, Table] = {}
    for number, table in enumerate(further(settings.studies, "studies", settings.data), 1):
        found[f"{table.name} ({number})" if table.name in found else table.name] = table
    return found


def execute(settings: Settings, output: Output) -> Done:
    """Read the studies, compare them, leave them out one by one; report and records.

    Raises
    ------
    BadInput
        fewer than three studies, a table that cannot be used
    """
    alpha = 0.05 if settings.target.alpha is None else settings.target.alpha
    found = run(tables_of(settings), settings.model.name, estimator(settings.model), alpha)
    html = page(written.report(found, plain(settings), alpha, [("The same again:", output.command)]))
    records = list(written.records(found, html))
    folder.write(output.folder, records)
    if settings.tracking.name == "none":
        return Done(found, output.folder, "")
    from dge_experiments.tracking import store, sweeps

    client = store.connect(settings.tracking.uri)
    made = sweeps.log_leaderboard(
        client, QUESTION, settings.sweep_id, lambda link: written.records(found, html, link)
    )
    return Done(
        found, output.folder, f"{store.ui()[0]}/#/experiments/{made.experiment_id}/runs/{made.run_id}"
    )
