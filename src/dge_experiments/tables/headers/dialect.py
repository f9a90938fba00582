"""Dialects: which header names mean what in the tables of one tool. They are data, one YAML file each."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dge_experiments.errors import BadInput
from dge_experiments.tables.table import ROLES

GENERIC = "generic"
PACKAGE = Path(__file__).parents[2]
DIALECTS = ((PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parents[1] / "conf") / "dialects",)
KEYS = ("columns", "effect_scale", "mean_scale", "statistic", "marks", "requires", "headerless", "writer")
CHOICES = {
    "effect_scale": ("log2", "ln", "log10", "linear", "by_header"),
    "mean_scale": ("log2", "ln", "linear", "by_header"),
    "statistic": ("t", "F", "LR", "stat", "by_header"),
    "writer": ("python",),
}


@dataclass(frozen=True)
class Dialect:
    """The header names of one tool.

    Attributes
    ----------
    name : the stem of its file
    columns : role (``id effect mean statistic p adjusted_p se log_odds group``, and ``neg_log10_p``) ->
        names,
        the preferred first; none at all says that the tool has no such column, whatever a header suggests.
        A name matches a header whatever its case and punctuation; ``re:`` starts a
        regular expression for the whole header in `words` form
    effect_scale, mean_scale : ``log2``, ``ln``, ``log10``, ``linear``, or ``by_header``
    statistic : the canonical column of its statistic, ``t`` if it is signed, else ``F``, ``LR`` or ``stat``
    marks : other headers that speak for this dialect
    requires : headers without which a table is not of this dialect
    headerless : the roles of the columns, in order, of a file without a header
    writer : ``python`` if its numbers have the digits that Python writes
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    effect_scale: str = "by_header"
    mean_scale: str = "by_header"
    statistic: str = "by_header"
    marks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    headerless: tuple[str, ...] = ()
    writer: str | None = None


def words(header: str) -> str:
    """A header in lower case with ``_`` for every run of punctuation; the minus of a log is ``neg_``."""
    text = unicodedata.normalize("NFKC", header).strip().lower().replace("−", "-")
    minus = "neg_" if re.match(r"-\s*log", text) else ""
    return minus + re.sub(r"[\W_]+", "_", text).strip("_")


@lru_cache(maxsize=8192)
def matches(name: str, header: str) -> bool:
    """Whether a dialect's name (or ``re:`` pattern) means this header."""
    if name.startswith("re:"):
        return re.fullmatch(name.removeprefix("re:"), words(header)) is not None
    if not words(name):
        return name == header
    return words(name).replace("_", "") == words(header).replace("_", "")


def load(folders: Sequence[Path]) -> list[Dialect]:
    """The dialects of some folders, by name; one of a later folder replaces its namesake.

    Raises
    ------
    BadInput
        a folder is missing or holds none, or a file is no dialect: an unknown key or role, or a bad value
    """
    found: dict[str, Dialect] = {}
    for folder in folders:
        files = sorted(Path(folder).glob("*.yaml"))
        if not files:
            raise BadInput(f"{folder}: no dialects (*.yaml) there; give the folder of conf/dialects")
        found |= {file.stem: _read(file, file.stat().st_mtime_ns) for file in files}
    return list(found.values())


@lru_cache(maxsize=512)
def _read(file: Path, _changed: int) -> Dialect:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{file}: not readable as YAML ({' '.join(str(error).split())[:100]})") from None
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise BadInput(f"{file}: a dialect needs `columns:` with names for effect, p and the others")
    _known(file, content, KEYS)
    _known(file, content["columns"], (*ROLES, "neg_log10_p"))
    for key, choices in CHOICES.items():
        if key in content and content[key] not in choices:
            raise BadInput(f"{file}: {key}={content[key]}: must be one of {', '.join(choices)}")
    dialect = Dialect(
        name=file.stem,
        columns={role: _names(names) for role, names in content["columns"].items()},
        **{key: content[key] for key in CHOICES if key in content},
        marks=_names(content.get("marks")),
        requires=_names(content.get("requires")),
        headerless=_names(content.get("headerless")),
    )
    for name in (
        *dialect.marks,
        *dialect.requires,
        *(n for names in dialect.columns.values() for n in names),
    ):
        _pattern(file, name)
    return dialect


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(v) for v in (value if isinstance(value, list) else [] if value is None else [value]))


def _pattern(file: Path, name: str) -> None:
    try:
        re.compile(name.removeprefix("re:") if name.startswith("re:") else "")
    except re.error as error:
        raise BadInput(f"{file}: {name!r} is no regular expression ({error})") from None


def _known(file: Path, given: Mapping[Any, Any], known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise BadInput(f"{file}: unknown key {key!r}; {hint}")
