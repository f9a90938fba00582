"""The keys of a schema, each with its type and its rules."""

import types
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from dge_experiments.settings.rules import Rule, Tables

KINDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false", dict: "a mapping"}


@dataclass(frozen=True)
class Field:
    """One key of the schema.

    Attributes
    ----------
    key : dotted name
    type : without ``None``, ``list`` and rules: ``int``, an enumeration, a dataclass of further keys
    optional : whether it may be null
    many : whether it is a list of ``type``
    rules : that each value has to satisfy
    """

    key: str
    type: Any
    optional: bool
    many: bool
    rules: tuple[Rule, ...]

    @property
    def nested(self) -> bool:
        """Whether it holds further keys."""
        return is_dataclass(self.type)

    @property
    def choices(self) -> list[str]:
        """The values that an enumeration allows; empty for other types."""
        return list(self.type) if isinstance(self.type, type) and issubclass(self.type, StrEnum) else []

    @property
    def takes_text(self) -> bool:
        """Whether a value, or an element of the list, may be any text."""
        return str in (self.type, *get_args(self.type)) or any(
            isinstance(rule, Tables) for rule in self.rules
        )

    @property
    def kind(self) -> str:
        """The kind of value in words."""
        if self.many:
            kind = "a list such as [a, b]"
        elif self.choices:
            kind = f"one of {', '.join(self.choices)}"
        else:
            kind = KINDS.get(self.type, "a mapping" if self.nested else "text")
        return f"{kind} or null" if self.optional else kind


@cache
def walk(schema: type) -> tuple[Field, ...]:
    """Every key of ``schema``; a group comes before its keys."""
    return tuple(_walk(schema, ""))


def plain(settings: Any) -> dict[str, Any]:
    """Settings as mappings of plain values, as YAML and JSON hold them."""
    return asdict(
        settings, dict_factory=lambda pairs: {k: str(v) if isinstance(v, StrEnum) else v for k, v in pairs}
    )


def _walk(schema: type, prefix: str) -> Iterator[Field]:
    hints = get_type_hints(schema, include_extras=True)
    for attribute in fields(schema):
        entry = _field(f"{prefix}{attribute.name}", hints[attribute.name])
        yield entry
        if entry.nested:
            yield from _walk(entry.type, f"{entry.key}.")


def _field(key: str, hint: Any) -> Field:
    optional = many = False
    rules: list[Rule] = []
    while True:
        origin, inner = get_origin(hint), get_args(hint)
        if origin is Annotated:
            hint, rules = inner[0], [*rules, *inner[1:]]
        elif origin in (Union, types.UnionType) and type(None) in inner:
            optional = True
            hint = next(option for option in inner if option is not type(None))
        elif origin is list:
            many, hint = True, inner[0]
        else:
            return Field(
                key, hint if origin is types.UnionType else origin or hint, optional, many, tuple(rules)
            )
