"""What the terminal shows while something is done: what a table is, warnings, named lines."""

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
    """What a file is, how each column was read, what is odd, and which targets are possible."""
    out, told = screen(), tables.describe(read)
    form = ", ".join(filter(None, [read.format, read.delimiter, read.encoding, read.sheet]))
    out.print(f"\n[bold]{escape(read.path)}[/] {read.rows:,} rows ({form})", highlight=False)
    out.print(f"  {read.why}", highlight=False, markup=False, soft_wrap=True)
    kept = f"{read.counted}; effect {read.effect_scale}"
    signed = {True: ", signed statistic", False: ", unsigned statistic", None: ""}[read.statistic_signed]
    out.print(f"  read     {kept}{signed}", highlight=False)
    for role, header in told["columns"].items():
        if header is not None:
            shown = " ".join(header.split()) or "(unnamed first column)"
            out.print(f"    {role:<11}{shown}", highlight=False, markup=False)
    for name, formula in read.derived.items():
        out.print(f"    {name} = {formula}", highlight=False, markup=False)
    if read.unread:
        more = f", and {len(read.unread) - 20} more" if len(read.unread) > 20 else ""
        names = ", ".join(" ".join(name.split()) for name in read.unread[:20])
        out.print(f"    no role    {names}{more}", highlight=False, markup=False, soft_wrap=True)
    if read.numeric:
        line = f"    numbers    can be features: features.extra=[{','.join(read.numeric[:20])}]"
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    if told["p_values"]:
        share = told["p_values"]["null_share"]
        nulls = "" if share is None else f", about {share:.0%} true null hypotheses"
        out.print(f"  p values {told['p_values']['shape']}{nulls}", highlight=False)
    for found in read.findings:
        finding(out, found)
    if read.ignored:
        out.print(f"  muted    {', '.join(read.ignored)} (data.ignore)", highlight=False)
    out.print(f"  targets  {', '.join(told['targets']) or 'none'}", highlight=False)


def finding(out: Console, found: tables.Finding) -> None:
    """One finding on a table, with the lines of the file that it is about."""
    style = {"error": "bold red", "warning": "yellow", "info": ""}[found.severity]
    more = ", ..." if found.count > len(found.rows) else ""
    rows = ", ".join(map(str, found.rows))
    lines = f" (line{'s' * (found.count > 1)} {rows}{more})" if found.rows else ""
    line = f"  {found.severity}: {found.message}{lines}"
    out.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


def findings(read: tables.Table) -> None:
    """What the user of a table should know before relying on how it was read."""
    out = screen()
    for found in read.findings:
        if found.severity != "info":
            finding(out, found)


@contextmanager
def logged(settings: Settings) -> Iterator[None]:
    """While it is open, warnings of this package are shown, with ``verbose=true`` all that ``run.log`` says."""
    handler = _Lines(sys.stderr if settings.format == "json" else None)
    handler.setLevel(logging.INFO if settings.verbose else logging.WARNING)
    root = logging.getLogger("dge_experiments")
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


class _Lines(logging.Handler):
    """Log records as indented lines, warnings so that they are not overlooked."""

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
def told_when_stopped() -> Iterator[None]:
    """Say how far a search came that was asked to stop."""
    try:
        yield
    except Stopped as interrupted:
        stopped(interrupted.study)
        raise


def stopped(study: Study) -> None:
    """A search that was asked to stop: how far it came."""
    out = screen()
    out.print(
        f"  stopped after {len(study.trials)} of {study.planned} trials", style="yellow", highlight=False
    )
    if study.finished:
        chosen = (
            ", ".join(f"{name}={value}" for name, value in study.best.candidate.items()) or "the defaults"
        )
        score = f"CV {study.scoring} {study.best.mean(study.scoring):.4f}"
        out.print(f"  best     {chosen} ({score})", highlight=False, markup=False)


def note(line: str, style: str = "") -> None:
    """A sentence, indented where it is wrapped too."""
    screen().print(Padding(Text(line, style), (0, 0, 0, 2), expand=False))


def warn(line: str) -> None:
    """One line that is not to be overlooked."""
    screen().print(f"  {line}", style="bold red", highlight=False, markup=False, soft_wrap=True)


def tell(**lines: str) -> None:
    """Named lines such as links, one each; never wrapped, so that they can be copied."""
    for name, line in lines.items():
        if line:
            screen().print(f"  {name:<9}{line}", highlight=False, markup=False, soft_wrap=True)


class Screen(Console):
    """A terminal that control characters in what is shown do not reach: they are shown escaped."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=escaped(segment.text, keep="\n\t"))


def screen() -> Console:
    """stdout; 150 columns wide where it is no terminal."""
    console = Screen()
    return console if console.is_terminal else Screen(width=150)
