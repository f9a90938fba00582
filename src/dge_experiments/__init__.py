"""Honest, fast, tracked machine-learning experiments on differential gene expression tables."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dge_experiments.errors import BadInput
from dge_experiments.version import __version__

if TYPE_CHECKING:
    from dge_experiments.api import Experiment, read_table, run
    from dge_experiments.tables import Table

__all__ = ["BadInput", "Experiment", "Table", "__version__", "read_table", "run"]


def __getattr__(name: str) -> Any:
    """The API is imported when it is first used: ``--help`` and typos are answered without it."""
    if name in __all__:
        return getattr(import_module("dge_experiments.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
