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
from dge_experiments.report import studies as written
from dge_experiments.report.page.page import page
from dge_experiments.settings import Settings, plain
from dge_experiments.settings.flat import flat
from dge_experiments.tables import Table

QUESTION = "studies-replication"


@dataclass(frozen=True)
class Done:
    """``found``, written to ``folder``; ``link`` opens its run and ``model`` is its model, "" where it was not
    tracked."""

    found: Studies
    folder: Path
    link: str
    model: str


def tables_of(settings: Settings) -> dict[str, Table]:
    """Name of each study -> its table; a number follows where a name comes twice.

    Raises
    ------
    BadInput
        a table that cannot be read, an unknown reading option, a setting that several studies have no use for
    """
    _refuse_unused(settings)
    found: dict[str, Table] = {}
    for number, table in enumerate(further(settings.studies, "studies", settings.data), 1):
        found[f"{table.name} ({number})" if table.name in found else table.name] = table
    return found


def _refuse_unused(settings: Settings) -> None:
    """Models over several studies read where a gene stands by logFC and P.Value in each, and no other column."""
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


def execute(settings: Settings, output: Output) -> Done:
    """Read the studies, compare them, leave them out one by one; report and records.

    Raises
    ------
    BadInput
        fewer than three studies, a table that cannot be used
    """
    found = run(settings, tables_of(settings))
    html = page(written.report(found, plain(settings), [("The same again:", output.command)]))
    configuration = flat(settings)
    records = list(written.records(found, configuration, html))
    folder.write(output.folder, records)
    if settings.tracking.name == "none":
        return Done(found, output.folder, "", "")
    from dge_experiments.tracking import store, sweeps

    client = store.connect(settings.tracking.uri)
    made = sweeps.log_finished(
        client,
        QUESTION,
        f"{found.general.method}-studies",
        _tags(settings, found, output.command),
        lambda link: written.records(found, configuration, html, link),
    )
    link = (
        f"{store.ui()[0]}/#/experiments/{made.experiment_id}/runs/{made.run_id}?workflowType=machine_learning"
    )
    return Done(found, output.folder, link, made.models.get(found.general.method, ""))


def _tags(settings: Settings, found: Studies, command: str) -> dict[str, str]:
    """Words to filter by; runs on the same tables under the same rule can be compared."""
    digests = " ".join(sorted(table.digest for table in found.tables.values()))
    return {
        "role": "model",
        "model": found.general.method,
        "search": str(settings.search.name),
        "target": "replication",
        "rule": written.rule(found),
        "features": "standings",
        "scoring": SCORING,
        "data_digest": hashlib.sha256(digests.encode()).hexdigest()[:16],
        "split_hash": "each-study-left-out",
        "sweep_id": settings.sweep_id,
        "leak": "none",
        "general": found.general.verdict,
        "beyond_luck": "yes" if found.replication["beyond"].any() else "no",
        "command": command,
    }
