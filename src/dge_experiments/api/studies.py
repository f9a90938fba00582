"""Several studies from checked settings: what ``experiment=studies`` does."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dge_experiments.api.execute import Output
from dge_experiments.errors import BadInput
from dge_experiments.evaluation.learner import SCORING
from dge_experiments.experiment.inputs import further
from dge_experiments.experiment.studies import Studies, run
from dge_experiments.report import folder
from dge_experiments.report import studies as studies_report
from dge_experiments.report.page.page import page
from dge_experiments.settings import Settings, plain
from dge_experiments.settings.flat import flat
from dge_experiments.tables import Table

QUESTION = "studies-replication"


@dataclass(frozen=True)
class FinishedStudies:
    """Finished ``studies``, written to ``folder``.

    Attributes
    ----------
    link : to its run in MLflow, "" where it was not tracked
    model : the uri of its model, "" where it was not tracked
    """

    studies: Studies
    folder: Path
    link: str
    model: str


def tables_of(settings: Settings) -> dict[str, Table]:
    """Name of each study -> its table; a repeated name gets a number.

    Raises
    ------
    BadInput
        a table that cannot be read, an unknown reading option, a setting that several studies do not use
    """
    _refuse_unused(settings)
    tables: dict[str, Table] = {}
    for number, table in enumerate(further(settings.studies, "studies", settings.data), 1):
        tables[f"{table.name} ({number})" if table.name in tables else table.name] = table
    return tables


def _refuse_unused(settings: Settings) -> None:
    """Refuse settings without a use: the models read a gene's rank by logFC and P.Value in each study."""
    columns = "its models read where a gene stands by logFC and P.Value in each study"
    alone = "say it of each study: 'studies=[{path: A.csv, filter: B > 0}, ...]'"
    unused = {
        "features.extra": (settings.features.extra, columns),
        "features.join": (settings.features.join, columns),
        "features.columns": (settings.features.columns, columns),
        "data.filter": (settings.data.filter, alone),
        "data.contrast": (settings.data.contrast, alone),
        "data.group": (settings.data.group, alone),
        "evaluation.external": (settings.evaluation.external, "each study is left out in turn"),
        "resume": (settings.resume, "its trials are not kept"),
    }
    for key, (value, why) in unused.items():
        if value:
            raise BadInput(f"{key}: experiment=studies does not use it ({why}); leave it out")


def execute(settings: Settings, output: Output) -> FinishedStudies:
    """Read the studies, compare them, leave them out one by one; write the report and the records.

    Raises
    ------
    BadInput
        fewer than three studies, a table that cannot be used
    """
    studies = run(settings, tables_of(settings))
    html = page(studies_report.report(studies, plain(settings), [("The same again:", output.command)]))
    configuration = flat(settings)
    records = list(studies_report.records(studies, configuration, html))
    folder.write(output.folder, records)
    if settings.tracking.name == "none":
        return FinishedStudies(studies, output.folder, "", "")
    from dge_experiments.tracking import store, sweeps

    client = store.connect(settings.tracking.uri)
    logged = sweeps.log_finished(
        client,
        QUESTION,
        f"{studies.general.method}-studies",
        _tags(settings, studies, output.command),
        lambda link: studies_report.records(studies, configuration, html, link),
    )
    link = f"{store.ui()[0]}/#/experiments/{logged.experiment_id}/runs/{logged.run_id}?workflowType=machine_learning"
    return FinishedStudies(studies, output.folder, link, logged.models.get(studies.general.method, ""))


def _tags(settings: Settings, studies: Studies, command: str) -> dict[str, str]:
    """Tags to filter by; runs on the same tables under the same rule can be compared."""
    digests = " ".join(sorted(table.digest for table in studies.tables.values()))
    return {
        "role": "model",
        "model": studies.general.method,
        "search": str(settings.search.name),
        "target": "replication",
        "rule": studies_report.rule(studies),
        "features": "standings",
        "scoring": SCORING,
        "data_digest": hashlib.sha256(digests.encode()).hexdigest()[:16],
        "split_hash": "each-study-left-out",
        "sweep_id": settings.sweep_id,
        "leak": "none",
        "general": studies.general.verdict,
        "beyond_luck": "yes" if studies.replication["beyond"].any() else "no",
        "command": command,
    }
