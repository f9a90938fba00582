"""What a table is, if it holds no differential expression results (``lookalikes.yaml``)."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from dge_experiments.tables.files.layout import Layout
from dge_experiments.tables.headers.columns import Columns
from dge_experiments.tables.headers.names import words

TESTED = r"(^|_)(p|q|fdr|p?adj|[pq]_?val(ue)?s?|t|stat)(_|$)"
FEW_SAMPLES = 2000  # rows; a table of genes has more
BED = r"(?i)chr[0-9a-z_]+"


def strange(layout: Layout) -> str | None:
    """What a table is by headers that no DGE table has; most of them do not count next to a log fold change."""
    names = {words(header) for header in layout.headers}
    effects = {name.replace("_", "") for name in names} & set(_lookalikes()["effects"])
    return _kind(names, [k for k in _lookalikes()["strange"] if not effects or k.get("beside_effects")])


def without_effect(layout: Layout) -> str | None:
    """What a table of tests without an effect is by its headers; None if it may hold DGE results."""
    first = {words(header) for header in layout.headers[:2]}
    return _kind({words(header) for header in layout.headers}, _lookalikes()["other"]) or _kind(
        first, _lookalikes()["sets"]
    )


def table(layout: Layout) -> str | None:
    """What a table without effect and p value is: counts, expression, samples, gene sets; None if unclear."""
    columns = Columns(layout)
    names = {words(header) for header in layout.headers}
    kind = _kind(names, _lookalikes()["other"])
    if kind:
        return kind
    numeric = [i for i in range(len(columns)) if columns.numeric(i) and len(columns.values(i))]
    texts = len(columns) - len(numeric)
    marked = names & set(_lookalikes()["samples"])
    if len(marked) >= 3 or (marked and texts >= len(numeric) and columns.rows < FEW_SAMPLES):
        return f"a sample sheet ({', '.join(sorted(marked)[:5])}): its rows are samples, not genes"
    if _intervals(columns, names):
        return "genomic intervals (BED, GTF, peaks): its rows have places, not tests"
    if len(columns) == 2 and len(numeric) == 1 and texts == 1:
        return "a list of genes with one number each: an effect and its p value are needed"
    if not numeric:
        return "a list or an annotation: it has no numbers"
    return _matrix(columns, numeric, names) if len(numeric) >= 2 and texts <= max(2, len(numeric)) else None


def _matrix(columns: Columns, numeric: list[int], names: set[str]) -> str | None:
    """Counts or measurements of samples; None where a name is that of a test, or all values may be probabilities."""
    values = [columns.values(i) for i in numeric]
    if all(bool((v >= 0).all() and (v == np.round(v)).all()) for v in values):
        return f"a count matrix ({len(numeric)} columns of whole numbers): run DESeq2, edgeR or limma on it first"
    chances = all(bool(((v >= 0) & (v <= 1)).all()) for v in values)
    tested = any(re.search(TESTED, name) for name in names)
    if len(numeric) >= 3 and len(columns) - len(numeric) <= 2 and not tested and not chances:
        return f"an expression matrix ({len(numeric)} columns of measurements): test for differences first"
    return None


def _kind(names: set[str], kinds: list[dict[str, Any]]) -> str | None:
    for kind in kinds:
        decisive = names & set(kind.get("one", ()))
        hits = decisive | names & set(kind.get("several", ()))
        if decisive or len(hits) >= kind.get("enough", np.inf):
            return f"{kind['what']} ({', '.join(sorted(hits))}): {kind['because']}"
    return None


def _intervals(columns: Columns, names: set[str]) -> bool:
    """Whether rows begin with a chromosome and have a start and an end."""
    if {"start", "end"} <= names and names & {"chr", "chrom", "seqnames", "chromosome"}:
        return True
    return len(columns) >= 3 and bool(columns.text(0).str.fullmatch(BED).mean() > 0.9)


@cache
def _lookalikes() -> dict[str, Any]:
    content = yaml.safe_load(Path(__file__).with_name("lookalikes.yaml").read_text(encoding="utf-8"))
    return dict(content)
