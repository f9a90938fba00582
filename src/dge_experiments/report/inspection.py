"""The page about a table: its columns, findings with what to do, p values and effects."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dge_experiments.report.figures.genes import cloud
from dge_experiments.report.figures.table import p_histogram
from dge_experiments.report.page.page import Chapter, Chart, Grid, Note, Report
from dge_experiments.report.words.sentence import Sentence
from dge_experiments.tables import Table, describe
from dge_experiments.tables.checks.findings import codes
from dge_experiments.tables.checks.pvalues import BINS, Health, health
from dge_experiments.version import __version__

MOST_POINTS = 20_000
FDR = 0.05  # genes below it are drawn as up or down


def inspection(table: Table) -> Report:
    """The page of ``inspect format=html``."""
    described = describe(table)
    form = ", ".join(filter(None, [table.format, table.delimiter, table.encoding, table.sheet]))
    p_health = health(table.frame["P.Value"].to_numpy()) if "P.Value" in table.frame else None
    targets = ", ".join(described["targets"]) or "none"
    first = [
        Sentence("table", f"{table.counted} were read: {table.why}."),
        Sentence("table", f"Targets: {targets}."),
    ]
    if p_health:
        first.append(Sentence("table", _health(p_health)))
    muted = (
        [Sentence("table", f"Not reported (data.ignore): {', '.join(table.ignored)}.")]
        if table.ignored
        else []
    )
    return Report(
        title=table.name,
        subtitle=f"{table.path}: {table.rows:,} rows ({form})",
        verdict=first,
        details=muted,
        leak=any(finding.severity == "error" for finding in table.findings),
        findings=[
            (f.severity, f"{f.message}. What to do: {codes()[f.code]['do']} (docs/findings.md#{f.code})")
            for f in table.findings
        ],
        chapters=[Chapter("columns", "Columns", "", [_columns(table)]), *_pictures(table, p_health)],
        footer=f"dge-experiments {__version__}. Content digest {table.digest}, "
        f"SHA-256 of the file {table.file_sha256}.",
    )


def _health(p_health: Health) -> str:
    share = (
        ""
        if p_health.null_share is None
        else f"; about {p_health.null_share:.0%} of the null hypotheses are true"
    )
    return f"The histogram of the p values is {p_health.shape}{share}."


def _columns(table: Table) -> Grid:
    roles = {role: header for role, header in table.roles.items() if header is not None}
    rows = [(role, header or "(unnamed first column)") for role, header in roles.items()]
    rows += [("converted", f"{name} = {formula}") for name, formula in table.derived.items()]
    rows += [
        ("no role, numbers: features.extra adds it" if name in table.numeric else "no role", name)
        for name in table.unread
    ]
    return Grid(
        "What each column is",
        "Roles, and the headers in the file.",
        pd.DataFrame(rows, columns=["role", "header"]),
    )


def _pictures(table: Table, p_health: Health | None) -> Iterator[Chapter]:
    if p_health:
        edges = np.linspace(0, 1, BINS + 1)
        bins = pd.DataFrame(
            {"low": edges[:-1], "high": edges[1:], "genes": p_health.counts, "limit": p_health.limit}
        )
        reading = (
            "Flat, with a peak near 0, if all is well. A bin above the line stands out (Breheny 2018, "
            "doi:10.3390/ht7030023); the share of true nulls is Storey's (2003, doi:10.1073/pnas.1530509100)."
        )
        alt = f"Histogram of {sum(p_health.counts):,} p values in {BINS} bins: {p_health.shape}."
        yield Chapter(
            "p values",
            "P values",
            _health(p_health),
            [Chart("Histogram", reading, p_histogram(bins), alt, bins)],
        )
    parts = list(_clouds(_genes(table)))
    if parts:
        note = (
            f"A random {MOST_POINTS:,} of {len(table.frame):,} rows are drawn."
            if len(table.frame) > MOST_POINTS
            else ""
        )
        yield Chapter("effects", "Effects", note, parts, searchable=True)
    else:
        yield Chapter(
            "effects",
            "Effects",
            "",
            [Note("No picture", "The table has no effect together with another statistic.")],
        )


def _clouds(genes: pd.DataFrame) -> Iterator[Chart]:
    numbers = [str(column) for column in genes.select_dtypes("number").columns if column != "score"]
    for x, y, title, x_title, y_title in (
        ("logFC", "-log10 p", "Volcano", "logFC (log2)", "-log10 P.Value"),
        ("AveExpr", "logFC", "MA", "AveExpr (log2)", "logFC (log2)"),
        ("logFC", "SE", "Effect against its standard error", "logFC (log2)", "SE (log2)"),
    ):
        if {x, y} <= set(genes):
            alt = f"{title}: {y_title} against {x_title} of {len(genes):,} genes."
            yield Chart(
                title, f"{y_title} against {x_title}.", cloud(genes, x, y, x_title, y_title, numbers), alt
            )


def _genes(table: Table) -> pd.DataFrame:
    """The rows to draw, with class up or down for significant ones."""
    frame = table.frame
    if len(frame) > MOST_POINTS:
        rows = np.random.default_rng(0).choice(len(frame), MOST_POINTS, replace=False)
        frame = frame.iloc[np.sort(rows)]
    classes = np.full(len(frame), "gene", dtype=object)
    if "logFC" in frame:
        classes = np.where(frame["logFC"] > 0, "up", "down").astype(object)
        chance = next((name for name in ("adj.P.Val", "P.Value") if name in frame), None)
        classes = classes if chance is None else np.where(frame[chance] < FDR, classes, "ns")
    points = frame.drop(columns="group", errors="ignore")
    points["class"], points["marked"], points["score"] = classes, "", np.nan
    if "P.Value" in frame:
        p = frame["P.Value"].to_numpy()
        least = p[p > 0].min() if (p > 0).any() else 1.0
        points["-log10 p"] = -np.log10(np.maximum(p, least))
    return points
