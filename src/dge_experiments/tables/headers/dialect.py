"""Dialects: the meaning of header names in the tables of one tool. They are data, one YAML file each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dge_experiments.errors import BadInput, suggestion
from dge_experiments.tables.headers.names import compile_error
from dge_experiments.tables.table import ROLES

GENERIC = "generic"
LOGS = {
    "neg_log10_p": "p",
    "neg_log10_adjusted_p": "adjusted_p",
}  # role of -log10 values -> role of the values
PACKAGE = Path(__file__).parents[2]
CONF = PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parents[1] / "conf"
DIALECTS = (CONF / "dialects",)
CHOICES = {
    "effect_scale": ("log2", "ln", "log10", "linear", "by_header"),
    "mean_scale": ("log2", "ln", "linear", "by_header"),
    "statistic": ("t", "F", "LR", "stat", "by_header"),
    "writer": ("python",),
}
KEYS = ("columns", *CHOICES, "tool", "marks", "requires", "headerless")


@dataclass(frozen=True)
class Dialect:
    """The header names of one tool.

    Attributes
    ----------
    name : the stem of its file
    columns : role (``id effect mean statistic p adjusted_p se log_odds group``, and ``neg_log10_p``,
        ``neg_log10_adjusted_p``) -> names as in `Headers`, the preferred first; an empty list means that the tool has
        no such column, whatever a header suggests
    effect_scale, mean_scale : ``log2``, ``ln``, ``log10``, ``linear``, or ``by_header``
    statistic : the canonical column of its statistic, ``t`` if it is signed, else ``F``, ``LR`` or ``stat``
    tool : the tool's name as its authors write it
    marks : other headers that are typical of this dialect
    requires : headers without which a table is not of this dialect
    headerless : the roles of the columns, in order, of a file without a header
    writer : ``python`` if its numbers have the digits that Python writes
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    effect_scale: str = "by_header"
    mean_scale: str = "by_header"
    statistic: str = "by_header"
    tool: str = ""
    marks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    headerless: tuple[str, ...] = ()
    writer: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All names, whatever they mean."""
        return (*self.marks, *self.requires, *(name for names in self.columns.values() for name in names))


def load(folders: Sequence[Path]) -> list[Dialect]:
    """The dialects of some folders; a dialect of a later folder replaces one of the same name.

    Raises
    ------
    BadInput
        a folder is missing or has no dialects, or a file is no dialect: an unknown key or role, or a bad value
    """
    dialects: dict[str, Dialect] = {}
    for folder in folders:
        files = sorted(Path(folder).glob("*.yaml"))
        if not files:
            raise BadInput(f"{folder}: no dialects (*.yaml) there; give the folder of conf/dialects")
        dialects |= {file.stem: _read(file, file.stat().st_mtime_ns) for file in files}
    return list(dialects.values())


def choose(dialects: Sequence[Dialect], only: str | None) -> list[Dialect]:
    """The dialects to try: all, or the named one.

    Raises
    ------
    BadInput
        no dialect of that name
    """
    chosen = [d for d in dialects if only is None or d.name == only]
    if not chosen:
        hint = suggestion(str(only), sorted(dialect.name for dialect in dialects))
        raise BadInput(f"data.dialect={only}: no such dialect; {hint}")
    return chosen


@lru_cache(maxsize=512)
def _read(file: Path, _changed: int) -> Dialect:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{file}: not readable as YAML ({' '.join(str(error).split())[:100]})") from None
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise BadInput(f"{file}: a dialect needs `columns:` with names for effect, p and the others")
    _check_keys(file, content, KEYS)
    _check_keys(file, content["columns"], (*ROLES, *LOGS))
    for key, choices in CHOICES.items():
        if key in content and content[key] not in choices:
            raise BadInput(f"{file}: {key}={content[key]}: must be one of {', '.join(choices)}")
    dialect = Dialect(
        name=file.stem,
        columns={role: _names(names) for role, names in content["columns"].items()},
        **{key: content[key] for key in CHOICES if key in content},
        tool=str(content.get("tool", file.stem)),
        marks=_names(content.get("marks")),
        requires=_names(content.get("requires")),
        headerless=_names(content.get("headerless")),
    )
    _check_keys(file, dict.fromkeys(dialect.headerless), (*ROLES, *LOGS))
    for name in dialect.names:
        why = compile_error(name)
        if why:
            raise BadInput(
                f"{file}: {name!r} is no regular expression of RE2 ({why}); exceptions are `unless`"
            )
    return dialect


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _check_keys(file: Path, mapping: Mapping[Any, Any], allowed: Sequence[str]) -> None:
    for key in mapping:
        if key not in allowed:
            raise BadInput(f"{file}: unknown key {key!r}; {suggestion(str(key), allowed)}")
