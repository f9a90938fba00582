"""``dge-experiments predict``: score a new table with a registered model."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dge_experiments.cli.launch import start
from dge_experiments.cli.output import is_folder
from dge_experiments.errors import BadInput
from dge_experiments.settings import read
from dge_experiments.settings.choices import TextFormat
from dge_experiments.settings.commands import Predicting

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from dge_experiments.prediction.score import Scorer, Summary
    from dge_experiments.tables import Table


def main() -> None:
    """Score every gene of a table with a registered model."""
    start(predict, "predict", Predicting)


def predict(cfg: "DictConfig") -> None:
    """Load the model, read the table, and write one row for each of its rows."""
    settings = read(cfg, Predicting)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: a model comes from a store; use tracking=local or tracking=server")
    import numpy as np

    from dge_experiments import tables
    from dge_experiments.cli import console
    from dge_experiments.prediction import decision, reference, sheet
    from dge_experiments.prediction import score as new_table
    from dge_experiments.report.words import scored
    from dge_experiments.tracking import loading, store

    if not settings.model_uri:
        raise BadInput(
            "model_uri: must be given; add model_uri=models:/NAME@champion, models:/NAME/3 or runs:/RUN/MODEL"
        )
    data, follow_up = settings.data, settings.decision
    out = Path(settings.out) / "predictions.csv" if is_folder(settings.out) else Path(settings.out)
    sheet.check(out)
    if out.exists() and Path(data.path).exists() and out.samefile(data.path):
        raise BadInput(f"out={out}: is the table itself, which would be lost; name another file")
    scorer = loading.scorer(store.connect(settings.tracking.uri), settings.model_uri, tuple(settings.trusted))
    table = tables.read(
        data.path,
        columns={role: header for role, header in asdict(data.columns).items() if header is not None},
        dialect=data.dialect,
        sheet=data.sheet,
        group=data.group,
        derive=data.derive,
        missing="keep",
        own=scorer.extra,
        join=settings.features.join,
    )
    sheet.check(out, len(table.frame))
    summary = new_table.Summary()
    sheet.write(out, new_table.score(scorer, table, settings.chunk, summary))
    more = {"general": str(scorer.metadata["general"])} if "general" in scorer.metadata else {}
    if training := scorer.metadata.get("reference"):
        more["distance"] = reference.distance(training, table.frame).sentence
    chances = np.concatenate([np.empty(0), *summary.chances])
    if scorer.rate and len(chances):
        more["rate"] = scored.rates(float(chances.mean()), scorer.rate, scorer.classes[1])
    if scorer.bounds and len(chances):
        more["decision"] = " ".join(decision.sentences(chances, scorer.bounds, follow_up.top, follow_up.rate))
    lines = {**scored.lines(summary, scorer.metadata), **more}
    if settings.format == TextFormat.json:
        print(json.dumps(_plain(scorer, table, summary, lines, out), indent=1))
        return
    console.findings(table)
    console.tell(model=scorer.uri, table=f"{table.path}, read as {table.dialect}", **lines, out=str(out))


def _plain(
    scorer: "Scorer", table: "Table", summary: "Summary", lines: dict[str, str], out: Path
) -> dict[str, Any]:
    """The summary of the predictions as plain values."""
    return {
        "model": scorer.uri,
        "table": table.path,
        "dialect": table.dialect,
        "rows": summary.rows,
        "scored": summary.scored,
        "classes": summary.classes,
        "skipped": summary.reasons,
        "outside": summary.outside,
        "said": lines,
        "findings": [finding.message for finding in table.findings if finding.severity != "info"],
        "out": str(out.resolve()),
    }
