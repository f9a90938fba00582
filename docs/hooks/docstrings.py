"""Docstrings of this project say ``name : what it is``; the type stands in the signature, where it is checked."""

from typing import Any

from griffe import Class, DocstringSectionKind, Extension, Function

NAMED = (DocstringSectionKind.parameters, DocstringSectionKind.attributes)


class WhatItIs(Extension):
    """What follows the colon is the description; the type is the signature's."""

    def on_function_instance(self, *, func: Function, **kwargs: Any) -> None:
        """Read a function's parameters so."""
        _read(func, {parameter.name: parameter.annotation for parameter in func.parameters})

    def on_class_members(self, *, cls: Class, **kwargs: Any) -> None:
        """Read a class's attributes so."""
        _read(cls, {name: getattr(member, "annotation", None) for name, member in cls.attributes.items()})


def _read(obj: Class | Function, types: dict[str, Any]) -> None:
    sections = obj.docstring.parsed if obj.docstring else []
    for item in (item for section in sections if section.kind in NAMED for item in section.value):
        if not item.description:
            item.description, item.annotation = str(item.annotation), types.get(item.name)
