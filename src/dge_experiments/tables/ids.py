"""Translate gene ids to one kind, so that tables can be joined: symbols, Ensembl or Entrez ids, by a mapping file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables import fingerprint
from dge_experiments.tables.checks.findings import reported
from dge_experiments.tables.files.opening import open_tables
from dge_experiments.tables.headers.names import words
from dge_experiments.tables.table import Finding, Table

KINDS = ("symbol", "ensembl", "entrez")
ENSEMBL = re.compile(r"(ENS[A-Z]{0,5}[GTPE]\d{11})(\.\d+)?(_PAR_Y)?")
ENTREZ = re.compile(r"\d+")
HEADERS = {
    "ensembl": r"ens(embl|g)?(_?gene)?(_?id)?(_version)?|ensembl.*",
    "entrez": r"(entrez|ncbi).*|gene_?id",
    "symbol": r"(.*_)?symbol(s)?|(external_)?gene_?names?|hgnc|mgi|gene|name",
}
MOST = 0.8  # share of the ids that must be of a kind


@dataclass(frozen=True)
class Translation:
    """Ids translated to another kind.

    Attributes
    ----------
    ids : the new ids, in the order of the old; "" for an id that was lost
    unknown : ids that the mapping does not have
    ambiguous : ids with several partners, which are not translated
    merged : ids that have the new id of an earlier, different id
    """

    ids: "pd.Series[Any]"
    unknown: int = 0
    ambiguous: int = 0
    merged: int = 0


def kind_of(ids: "pd.Series[Any]") -> str | None:
    """``ensembl`` or ``entrez`` by the form of most ids; None if they may be symbols, probes or anything else."""
    present = ids[ids != ""]
    if not len(present):
        return None
    if present.map(lambda cell: ENSEMBL.fullmatch(cell) is not None).mean() >= MOST:
        return "ensembl"
    return "entrez" if present.map(lambda cell: ENTREZ.fullmatch(cell) is not None).mean() >= MOST else None


def without_version(ids: "pd.Series[Any]") -> "pd.Series[Any]":
    """Ensembl ids without their version: ``ENSG00000227232`` for ``ENSG00000227232.5``; other ids are unchanged."""
    return ids.str.replace(rf"^{ENSEMBL.pattern}$", r"\1", regex=True)


def translate(ids: "pd.Series[Any]", mapping: pd.DataFrame, to: str) -> Translation:
    """Translate ids to the kind ``to``, which is a column of ``mapping``.

    The ids are looked up in the column of ``mapping`` that has most of them. Pairs with a blank are left out, and an
    id with several partners is not translated, because the right one is unknown.

    Raises
    ------
    ValueError
        ``mapping`` has no column ``to``, or no other
    """
    if to not in mapping or mapping.shape[1] < 2:
        raise ValueError(f"no column {to!r} and another one among {list(mapping)}")
    ids = without_version(ids)
    present_ids = set(ids[ids != ""])
    sources = [column for column in mapping if column != to]
    source = max(sources, key=lambda column: len(present_ids.intersection(mapping[column])))
    pairs = mapping[[source, to]][(mapping[source] != "") & (mapping[to] != "")].drop_duplicates()
    several = set(pairs[source][pairs[source].duplicated(keep=False)])
    lookup = pairs[~pairs[source].isin(several)].set_index(source)[to]
    new = ids.map(lookup).fillna("").astype("str")
    present = ids[ids != ""]
    partners = pd.DataFrame({"old": ids, "new": new})[new != ""].drop_duplicates()
    return Translation(
        new,
        unknown=int((~present.isin(pairs[source])).sum()),
        ambiguous=int(present.isin(several).sum()),
        merged=int(partners["new"].duplicated().sum()),
    )


def read_mapping(file: str | Path) -> pd.DataFrame:
    """A mapping of ids as text, Ensembl ids without version; columns are named by their kinds where these are clear.

    Raises
    ------
    BadInput
        no such file, or no table of two columns
    """
    source = next(open_tables(Path(file)), None)
    if source is None:
        raise BadInput(f"data.ids_from={file}: no table of two columns or more, one a kind of ids")
    layout = source.layout
    texts = source.load([], range(len(layout.headers))).texts
    named: dict[str, pd.Series[Any]] = {}
    for i, header in enumerate(layout.headers):
        cells = texts[i].str.strip().replace({"NA": "", "nan": "", "-": ""})
        by_header = next((k for k, pattern in HEADERS.items() if re.fullmatch(pattern, words(header))), None)
        kind = kind_of(cells) or (by_header if by_header == "symbol" else None) or f"{header} ({i + 1})"
        named.setdefault(kind, without_version(cells))
    if len(named) < 2:
        raise BadInput(f"data.ids_from={file}: needs two kinds of ids, and has {', '.join(named)}")
    return pd.DataFrame(named)


def bridged(table: Table, to: str, mapping_file: str | None) -> Table:
    """The table with ids of the kind ``to``, without versions; lost ids are blank, and a finding counts them.

    Raises
    ------
    BadInput
        no such kind, ids of another kind and no mapping, or a mapping that has none of the ids
    """
    if to not in KINDS:
        raise BadInput(f"data.ids={to}: must be as_is, {', '.join(KINDS)}")
    ids = table.frame["gene"]
    if kind_of(ids) == to:
        return _with_ids(table, Translation(without_version(ids)), f"{to} ids without version", to)
    if mapping_file is None:
        examples = ", ".join(ids[ids != ""].head(3))
        raise BadInput(
            f"data.ids={to}: the ids of {table.path} ({examples}) are of another kind; add data.ids_from=FILE, a table "
            f"with a column of such ids and one of {to} ids"
        )
    mapping = read_mapping(mapping_file)
    if to not in mapping:
        raise BadInput(
            f"data.ids_from={mapping_file}: no column of {to} ids (it has {', '.join(map(str, mapping))})"
        )
    if to == "symbol" and ids[ids != ""].isin(mapping["symbol"]).mean() >= MOST:
        return _with_ids(table, Translation(ids), f"{to} ids", to)
    translation = translate(ids, mapping, to)
    if not (translation.ids != "").any():
        raise BadInput(
            f"data.ids_from={mapping_file}: none of the ids of {table.path} ({', '.join(ids.head(3))}) is in it"
        )
    return _with_ids(table, translation, f"{to} ids by {Path(mapping_file).name}", to)


def _with_ids(table: Table, translation: Translation, how: str, to: str) -> Table:
    frame = table.frame.assign(gene=translation.ids.astype("str"))
    if frame["gene"].equals(table.frame["gene"]):
        return table
    old, new = table.frame["gene"], frame["gene"]
    translated, before = int((new != "").sum()), int((old != "").sum())
    lost = {"not in the mapping": translation.unknown, "with several partners": translation.ambiguous}
    parts = [f"{n:,} are {what}" for what, n in lost.items() if n]
    parts += [f"{translation.merged:,} share their new id with another"] if translation.merged else []
    text = f"{translated:,} of {before:,} ids are now {how}" + (": " + ", ".join(parts) if parts else "")
    finding = Finding(
        "ids_translated", "info" if translated > before / 2 else "warning", text, before - translated
    )
    derived: Mapping[str, str] = {**table.derived, "gene": how}
    findings = reported((*table.findings, finding), table.ignored)
    return replace(
        table, frame=frame, findings=findings, derived=derived, digest=fingerprint.content_digest(frame)
    )
