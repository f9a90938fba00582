"""``dge-experiments inspect``: the format of a table, how each column was read, findings."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.cli.output import files, write
from dge_experiments.settings import Inspection, read
from dge_experiments.settings.choices import InspectFormat

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Describe a file: its format, how each column was read, findings, and possible targets."""
    start(inspect, "inspect", Inspection)


def inspect(cfg: "DictConfig") -> None:
    """Read the table and show its description, or write it as JSON, as HTML, or both."""
    settings = read(cfg, Inspection)
    from dge_experiments.cli import console
    from dge_experiments.experiment.inputs import table_of
    from dge_experiments.tables import describe

    form, formats = settings.format, list(InspectFormat)
    files(form, settings.out, formats, "inspection")  # reports a wrong place before the table is read
    table = table_of(settings.data)
    alone = f"{table.name}.html" if form == InspectFormat.html else None
    places = files(form, settings.out or alone, formats, "inspection")
    if InspectFormat.text in places:
        console.table(table)
        return

    def answer(form: StrEnum) -> str:
        if form == InspectFormat.json:
            return json.dumps(describe(table), indent=1, allow_nan=False)
        from dge_experiments.report.inspection import inspection
        from dge_experiments.report.page.page import page

        return page(inspection(table))

    write(answer, places, form)
