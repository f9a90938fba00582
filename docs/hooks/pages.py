"""Pages of the site that are made when it is built: none of them is kept as a copy."""

import html as html_text
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import latex2mathml.converter
import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import dge_experiments as dge
import reference
import tour
from dge_experiments.settings.conf import conf_folder

ROOT = Path(__file__).parents[2]
BUNDLED = "src/dge_experiments/tables/bundled/README.md"
HOMES = {
    "docs/tour.ipynb": "tour.md",
    "docs/": "",
    "../conf/dialects": "dialects.md",
    "conf/": "settings.md",
    BUNDLED: "bundled.md",
    "CONTRIBUTING.md": "contributing.md",
}
DOI = re.compile(r"(?<![/\w])doi:(10\.\d{4,9}/[^\s,;]*[^\s,;.:)])")
TEX = re.compile(r'<(div|span) class="arithmatex">\\[\[(](.*?)\\[\])]</\1>', re.DOTALL)
ROLES = "id effect mean statistic p adjusted_p se log_odds group".split()


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made here."""
    for name, content in PAGES.items():
        files.append(File.generated(config, name, content=content()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as they stand in the repository lead to pages of the site; a DOI is a link."""
    for there, here in HOMES.items():
        markdown = markdown.replace(f"]({there}", f"]({here}")
    return DOI.sub(r"[doi:\1](https://doi.org/\1)", markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Formulas as MathML, which browsers draw without a script."""

    def drawn(formula: re.Match[str]) -> str:
        display = "block" if formula[1] == "div" else "inline"
        return latex2mathml.converter.convert(html_text.unescape(formula[2].strip()), display=display)

    return TEX.sub(drawn, html)


def _file(name: str) -> Callable[[], str]:
    return lambda: (ROOT / name).read_text(encoding="utf-8")


def _api() -> str:
    """The public names; their docstrings follow when the page is rendered."""
    homes = {name: f"dge_experiments.{module}.{name}" for name, module in dge.HOMES.items()}
    homes |= {"BadInput": "dge_experiments.errors.BadInput"}
    parts = [f"::: {homes[name]}\n" for name in dge.__all__ if name in homes]
    return "\n".join(
        ["# Python API\n\n`import dge_experiments as dge`; rows are genes everywhere.\n", *parts]
    )


def _dialects() -> str:
    """The tools whose tables are recognised, and the headers of each role."""
    rows = []
    for file in sorted((conf_folder() / "dialects").glob("*.yaml")):
        content: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        columns = content.get("columns", {})
        cells = [" ".join(f"`{_cell(header)}`" for header in columns.get(role) or []) for role in ROLES]
        rows.append(f"| {' | '.join([file.stem, *cells])} |")
    head = [f"| {' | '.join(['dialect', *ROLES])} |", "|---" * (len(ROLES) + 1) + "|"]
    text = "A table is read by the dialect that explains most of its headers; [tables](tables.md) says how.\n"
    return "\n".join(["# Dialects", "", text, *head, *rows, ""])


def _cell(text: object) -> str:
    return str(text).replace("|", "&#124;")


def _report(*overrides: str) -> Callable[[], str]:
    """The report of a real run."""

    def made() -> str:
        with TemporaryDirectory() as folder:
            return dge.run(*overrides, "tracking=none", f"out={folder}").report

    return made


PAGES: Mapping[str, Callable[[], str]] = {
    "index.md": _file("README.md"),
    "tour.md": tour.page,
    "settings.md": reference.page,
    "dialects.md": _dialects,
    "bundled.md": _file(BUNDLED),
    "api.md": _api,
    "changelog.md": _file("CHANGELOG.md"),
    "CITATION.cff": _file("CITATION.cff"),
    "contributing.md": _file("CONTRIBUTING.md"),
    "example/direction.html": _report("model=xgboost", "search.n_trials=10"),
    "example/replication.html": _report("experiment=replication", "search.n_trials=10"),
}
