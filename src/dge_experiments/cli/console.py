"""What every command shows in the terminal: descriptions of tables, warnings, named lines."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.segment import Segment
from rich.text import Text

from dge_experiments import tables
from dge_experiments.errors import escaped
from dge_experiments.search.study import Stopped, Study
from dge_experiments.settings import Settings


def table(read: tables.Table) -> None:
    """Describe a file: its format, how each column was read, findings, and possible targets."""
    out, description = screen(), tables.describe(read)
    form = ", ".join(filter(None, [read.format, read.delimiter, read.encoding, read.sheet]))
    out.print(f"\n[bold]{escape(read.path)}[/] {read.rows:,} rows ({form})", highlight=False)
    out.print(f"  {read.why}", highlight=False, markup=False, soft_wrap=True)
    summary = f"{read.counted}; effect {read.effect_scale}"
    signed = {True: ", signed statistic", False: ", unsigned statistic", None: ""}[read.statistic_signed]
    out.print(f"  read     {summary}{signed}", highlight=False)
    for role, header in description["columns"].items():
        if header is not None:
            one_line = " ".join(header.split()) or "(unnamed first column)"
            out.print(f"    {role:<11}{one_line}", highlight=False, markup=False)
    for name, formula in read.derived.items():
        out.print(f"    {name} = {formula}", highlight=False, markup=False)
    if read.unread:
        more = f", and {len(read.unread) - 20} more" if len(read.unread) > 20 else ""
        names = ", ".join(" ".join(name.split()) for name in read.unread[:20])
        out.print(f"    no role    {names}{more}", highlight=False, markup=False, soft_wrap=True)
    if read.numeric:
        line = f"    numbers    can be features: features.extra=[{','.join(read.numeric[:20])}]"
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    if description["p_values"]:
        share = description["p_values"]["null_share"]
        nulls = "" if share is None else f", about {share:.0%} true null hypotheses"
        out.print(f"  p values {description['p_values']['shape']}{nulls}", highlight=False)
    for item in read.findings:
        finding(out, item)
    if read.ignored:
        out.print(f"  muted    {', '.join(read.ignored)} (data.ignore)", highlight=False)
    out.print(f"  targets  {', '.join(description['targets']) or 'none'}", highlight=False)


def finding(out: Console, item: tables.Finding) -> None:
    """One finding on a table, with the lines of the file that it is about."""
    style = {"error": "bold red", "warning": "yellow", "info": ""}[item.severity]
    more = ", ..." if item.count > len(item.rows) else ""
    rows = ", ".join(map(str, item.rows))
    lines = f" (line{'s' * (item.count > 1)} {rows}{more})" if item.rows else ""
    line = f"  {item.severity}: {item.message}{lines}"
    out.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


def findings(read: tables.Table) -> None:
    """The warnings and errors on how a table was read."""
    out = screen()
    for item in read.findings:
        if item.severity != "info":
            finding(out, item)


@contextmanager
def logged(settings: Settings) -> Iterator[None]:
    """Show warnings of this package while it is open; with ``verbose=true``, all lines of ``run.log``."""
    handler = _Lines(sys.stderr if settings.format == "json" else None)
    handler.setLevel(logging.INFO if settings.verbose else logging.WARNING)
    root = logging.getLogger("dge_experiments")
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


class _Lines(logging.Handler):
    """Log records as indented lines; warnings are highlighted."""

    def __init__(self, stream: IO[str] | None) -> None:
        super().__init__()
        self.stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None:
            print(f"  {escaped(record.getMessage())}", file=self.stream)
        elif record.levelno >= logging.WARNING:
            warn(record.getMessage())
        else:
            tell(log=record.getMessage())


@contextmanager
def report_stop() -> Iterator[None]:
    """Show the progress of a search if it is stopped while this is open."""
    try:
        yield
    except Stopped as interrupted:
        stopped(interrupted.study)
        raise


def stopped(study: Study) -> None:
    """Show the progress of a search that was stopped."""
    out = screen()
    out.print(
        f"  stopped after {len(study.trials)} of {study.planned} trials", style="yellow", highlight=False
    )
    if study.finished:
        parameters = (
            ", ".join(f"{name}={value}" for name, value in study.best.candidate.items()) or "the defaults"
        )
        score = f"CV {study.scoring} {study.best.mean(study.scoring):.4f}"
        out.print(f"  best     {parameters} ({score})", highlight=False, markup=False)


def note(line: str, style: str = "") -> None:
    """A sentence; its wrapped lines are indented, too."""
    screen().print(Padding(Text(line, style), (0, 0, 0, 2), expand=False))


def warn(line: str) -> None:
    """One highlighted line."""
    screen().print(f"  {line}", style="bold red", highlight=False, markup=False, soft_wrap=True)


def tell(**lines: str) -> None:
    """Named lines such as links, one line for each name; never wrapped, so that they can be copied."""
    for name, line in lines.items():
        if line:
            screen().print(f"  {name:<9}{line}", highlight=False, markup=False, soft_wrap=True)


class Screen(Console):
    """A terminal that shows control characters of the content escaped."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=escaped(segment.text, keep="\n\t"))


def screen() -> Console:
    """stdout; 150 columns wide if it is not a terminal."""
    console = Screen()
    return console if console.is_terminal else Screen(width=150)
