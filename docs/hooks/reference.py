"""The reference of every setting, for the site: key, default, allowed values, what it is.

Defaults come from the composed conf/, allowed values from the schema and its rules, the words from conf/'s comments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from dge_experiments.settings.commands import Comparing, Inspection, Predicting, Registration
from dge_experiments.settings.conf import conf_folder, options
from dge_experiments.settings.fields import Field, walk
from dge_experiments.settings.schema import Data, Settings, Tracking

COMMANDS = {"inspect": Inspection, "compare": Comparing, "register": Registration, "predict": Predicting}
DEFAULT_DATA = "table"
SHOWN = ("model", "experiment")  # groups whose files are shown as they are
AS_DATA = "target.table."  # the same keys as data
HEAD = """# Settings

Every key of every command, with its default, what it may be, and what it is for. This page is made from `conf/` and
the schema that checks it: a value outside of what is allowed ends in one line and exit code 2.
`KEY=VALUE` on the command line changes one, `GROUP=CHOICE` takes another file of a group, `--cfg job` shows them all.
"""


@dataclass(frozen=True)
class Setting:
    """``key`` with its ``default``, what is ``allowed``, and what it ``means``."""

    key: str
    default: str
    allowed: str
    means: str


def page() -> str:
    """settings.md, in Markdown."""
    folders = [group for group in _nested(Settings) if (conf_folder() / group).is_dir()]
    parts = [HEAD, "## run\n", _grid(settings("config", Settings, set(_nested(Settings)) - set(folders)))]
    for group in [*folders, "experiment"]:
        parts += [f"## {group}\n", *_choices(group)]
        if group in folders:
            parts.append(_grid(settings("config", Settings, {group})))
        if group == "target":
            parts.append("`target.table.KEY` is how the second table is read: the keys of [data](#data).\n")
    for command, schema in COMMANDS.items():
        own, shared = [], []
        for group, kind in _nested(schema).items():
            (shared if kind in (Data, Tracking) else own).append(group)
        also = ", ".join(f"[{group}](#{group})" for group in shared)
        parts += [f"## {command}\n", _grid(settings(command, schema, set(own))), f"And the keys of {also}.\n"]
    return "\n".join(parts)


def settings(command: str, schema: type, groups: set[str]) -> list[Setting]:
    """The keys of the groups named; those of no group, too, unless it is one group of conf/."""
    alone = len(groups) == 1 and (conf_folder() / min(groups)).is_dir() and command == "config"
    meanings = comments(command)
    return [
        Setting(field.key, _default(command, field), _allowed(field), meanings.get(field.key, ""))
        for field in walk(schema)
        if not (field.nested or field.key.startswith(AS_DATA))
        and (field.key.partition(".")[0] in groups or ("." not in field.key and not alone))
    ]


@cache
def comments(command: str) -> Mapping[str, str]:
    """Key -> the comment beside it in conf/: the command's own, the group's base's, the default choice's, or what
    each other choice says."""
    own = dict(_comments(conf_folder() / f"{command}.yaml"))
    found = {f"{group}.name": "what the choice is called in tags and tables" for group in _nested(Settings)}
    for group in _nested(Settings):
        files = sorted((conf_folder() / group).glob("*.yaml"))
        default = _composed("config", "").get(group, {}).get("name")
        general = [
            file for file in files if file.stem.startswith("_") or file.stem in (default, DEFAULT_DATA)
        ]
        for file in general:
            found = {f"{group}.{key}": text for key, text in _comments(file)} | found
        said: dict[str, dict[str, list[str]]] = {}
        for file in files:
            for key, text in _comments(file):
                said.setdefault(f"{group}.{key}", {}).setdefault(text, []).append(file.stem)
        for key, texts in said.items():
            each = [f"{', '.join(who)}: {text}" if len(texts) > 1 else text for text, who in texts.items()]
            found.setdefault(key, "; ".join(each))
    return own | found


def _nested(schema: type) -> dict[str, type]:
    """Keys of a schema that hold further keys -> the class of those."""
    return {field.key: field.type for field in walk(schema) if field.nested and "." not in field.key}


def _comments(file: Path) -> Iterator[tuple[str, str]]:
    """Keys of a file with the comment at the end of their line; that of a mapping on one line is of its keys, too."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()

    def walked(node: yaml.MappingNode, prefix: str) -> Iterator[tuple[str, str]]:
        for key, value in node.value:
            block = isinstance(value, yaml.CollectionNode) and not value.flow_style
            end = key.end_mark if block else value.end_mark
            comment = lines[end.line][end.column :].partition("#")[2].strip()
            keys = [key.value]
            if isinstance(value, yaml.MappingNode) and not block:
                keys += [f"{key.value}.{inner.value}" for inner, _ in value.value]
            if comment:
                yield from ((f"{prefix}{name}", comment) for name in keys)
            if isinstance(value, yaml.MappingNode) and block:
                yield from walked(value, f"{prefix}{key.value}.")

    yield from walked(yaml.compose(text, Loader=yaml.SafeLoader), "")


def _choices(group: str) -> Iterator[str]:
    """The files of a group: as a table of their first lines, or as they are."""
    rows = []
    for choice in options(group):
        text = (conf_folder() / group / f"{choice}.yaml").read_text(encoding="utf-8")
        if group in SHOWN:
            yield f"### {group}={choice}\n\n```yaml\n{text.strip()}\n```\n"
        else:
            said = [line.lstrip("# ") for line in text.splitlines() if line.startswith("# ")]
            rows.append(f"| `{group}={choice}` | {_cell(' '.join(said))} |")
    if rows:
        yield "\n".join(["| choice | what it is |", "|---|---|", *rows, ""])


def _default(command: str, field: Field) -> str:
    """The value of the command as it stands; beside it the choices of the key's group that say another."""
    group = field.key.partition(".")[0]
    value = _shown(_at(_composed(command, ""), field.key))
    if command != "config" or not (conf_folder() / group).is_dir() or field.type is dict:
        return value
    others: dict[str, list[str]] = {}
    for choice in options(group):
        other = _shown(_at(_composed(command, f"{group}={choice}"), field.key))
        if other != value and not field.key.endswith(".name"):
            others.setdefault(other, []).append(f"`{choice}`")
    return "; ".join([value, *(f"{other} ({', '.join(names)})" for other, names in others.items())])


@cache
def _composed(command: str, override: str) -> Any:
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        return OmegaConf.to_container(compose(command, [override] if override else []), resolve=False)


def _at(node: Any, key: str) -> Any:
    for name in key.split("."):
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _shown(value: Any) -> str:
    if value == "???":
        return "must be given"
    if isinstance(value, Mapping):
        return "of each choice" if value else "`{}`"
    written = yaml.safe_dump(value, default_flow_style=True, width=1000)
    return f"`{written.strip().removesuffix('...').strip()}`"


def _allowed(field: Field) -> str:
    """The kind of a value and its rules; a rule that says all replaces a kind that says nothing."""
    rules = [rule.allowed for rule in field.rules if rule.allowed]
    if field.type is Any:
        kind = "; ".join(rules)
        return f"{kind} or null" if field.optional else kind
    return ": ".join([field.kind, *rules]) if not field.choices else field.kind


def _grid(rows: list[Setting]) -> str:
    head = ["| key | default | allowed | what it is |", "|---|---|---|---|"]
    body = [
        f"| `{row.key}` | {_cell(row.default)} | {_cell(row.allowed)} | {_cell(row.means)} |" for row in rows
    ]
    return "\n".join([*head, *body, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def on_files(files: Any, config: Any) -> Any:
    """MkDocs: the page joins the site."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "settings.md", content=page()))
    return files
