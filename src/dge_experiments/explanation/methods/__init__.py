"""The explanation methods: every module of this folder holds one, as ``METHOD``."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from dge_experiments.explanation.method import Method


def methods() -> list[Method[Any]]:
    """Every method of this folder, in the order of the report."""
    entries = [import_module(f"{__name__}.{module.name}").METHOD for module in iter_modules(__path__)]
    return sorted(entries, key=lambda method: (method.place, method.name))
