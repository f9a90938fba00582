"""``dge-experiments inspect``: what a table is, how each column was read, what is odd."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.settings import Inspection, read

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Say what a file is, how each column was read, what is odd, and which targets are possible."""
    start(inspect, "inspect", Inspection)


def inspect(cfg: "DictConfig") -> None:
    """Read the table and print its description, as text or as JSON, or write it as a page."""
    settings = read(cfg, Inspection)
    from dge_experiments.cli import console
    from dge_experiments.experiment.inputs import table_of
    from dge_experiments.tables import describe

    table = table_of(settings.data)
    if settings.format == "json":
        print(json.dumps(describe(table), indent=1, allow_nan=False))
    elif settings.format == "html":
        from dge_experiments.report.inspection import inspection
        from dge_experiments.report.page.page import page

        out = Path(settings.out or f"{table.name}.html")
        out.write_text(page(inspection(table)), encoding="utf-8")
        console.tell(page=str(out.resolve()))
    else:
        console.table(table)
