"""One HTML page that works offline: text, tables and figures, with plotly.js inside."""

import json
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from dge_experiments.report.page.cells import Cell, cells
from dge_experiments.report.words.sentence import Sentence

SHARED_FROM = 400  # an array of so many characters or items is written once for all figures


@dataclass(frozen=True)
class Chart:
    """A figure with one line on how to read it.

    Attributes
    ----------
    alt : what the figure shows, for readers who cannot see it
    frame : the numbers of the figure, folded and without index; None for thousands of numbers
    wide : takes the page's whole width
    """

    title: str
    reading: str
    figure: go.Figure
    alt: str
    frame: pd.DataFrame | None = None
    wide: bool = False


@dataclass(frozen=True)
class Grid:
    """A table; ``genes`` if its rows are genes, which the gene search then filters by their first column."""

    title: str
    reading: str
    frame: pd.DataFrame
    genes: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Note:
    """A panel of text only: why something is missing, or a caution."""

    title: str
    text: str


Part = Chart | Grid | Note


@dataclass(frozen=True)
class Chapter:
    """Parts under one heading; ``kind`` is what they are about, ``searchable`` puts the gene search above them."""

    kind: str
    title: str
    intro: str
    parts: Sequence[Part]
    searchable: bool = False


@dataclass(frozen=True)
class Report:
    """A run or a sweep, in the order in which it is read; a section is shown where it has content.

    Attributes
    ----------
    title, subtitle : the question, and the data
    verdict : the leading sentences: the leak, then the score that counts and the constant answer's
    leak : whether the score is not earned
    scores : the small table below the verdict
    findings : (severity, sentence) on the table
    chapters : leaderboard and figures
    methods, citations : a paragraph to paste into a paper, and the works it cites
    configuration : YAML
    commands : (what it does, shell command)
    details : further sentences about the score, below the verdict
    footer : the software and the data of the report
    """

    title: str
    subtitle: str
    verdict: Sequence[Sentence]
    leak: bool
    chapters: Sequence[Chapter]
    scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: Sequence[tuple[str, str]] = field(default_factory=tuple)
    methods: str = ""
    citations: Sequence[str] = field(default_factory=tuple)
    configuration: str = ""
    commands: Sequence[tuple[str, str]] = field(default_factory=tuple)
    details: Sequence[Sentence] = field(default_factory=tuple)
    footer: str = ""


def page(report: Report) -> str:
    """The report as one HTML file; every text is escaped."""
    figures = [
        part.figure for chapter in report.chapters for part in chapter.parts if isinstance(part, Chart)
    ]
    environment = Environment(
        loader=PackageLoader("dge_experiments.report", "page"), autoescape=True, undefined=StrictUndefined
    )
    environment.tests["chart"] = lambda part: isinstance(part, Chart)
    environment.tests["grid"] = lambda part: isinstance(part, Grid)
    environment.filters["cells"] = _table
    loader = environment.loader
    source = {
        name: Markup(loader.get_source(environment, f"page.{name}")[0])  # type: ignore[union-attr]
        for name in ("css", "js")
    }
    return environment.get_template("page.html").render(
        report=report, data=_script(figures), plotly=_plotly(), source=source
    )


def _table(frame: pd.DataFrame) -> Mapping[str, Any]:
    rows: list[list[Cell]] = cells(frame)
    return {"head": [str(column) for column in frame.columns], "rows": rows}


def _script(figures: Sequence[go.Figure]) -> Markup:
    """The figures as JSON; large arrays that figures share are written once."""
    shared: dict[str, int] = {}

    def once(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: once(value) for key, value in node.items()}
        if isinstance(node, list | str) and len(node) >= SHARED_FROM:
            text = json.dumps(node, separators=(",", ":"))
            return {"$": shared.setdefault(text, len(shared))}
        return [once(value) for value in node] if isinstance(node, list) else node

    charts = [once(json.loads(figure.to_json())) for figure in figures]
    text = f'{{"shared":[{",".join(shared)}],"charts":{json.dumps(charts, separators=(",", ":"))}}}'
    return _packed(text)


@cache
def _plotly() -> Markup:
    return _packed(get_plotlyjs())


def _packed(text: str) -> Markup:
    """Compressed and in Base64; the page unpacks it."""
    return Markup(b64encode(zlib.compress(text.encode(), 9)).decode())
