"""Honest, fast, tracked machine-learning experiments on differential gene expression tables."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dge_experiments.errors import BadInput
from dge_experiments.version import __version__

if TYPE_CHECKING:
    from dge_experiments.api.compare import compare
    from dge_experiments.api.experiment import Experiment
    from dge_experiments.api.model import Model, load
    from dge_experiments.api.register import Registered, register
    from dge_experiments.api.run import run
    from dge_experiments.api.table import read_table
    from dge_experiments.tables.table import Table

HOMES = {
    "Experiment": "api.experiment",
    "Model": "api.model",
    "Registered": "api.register",
    "Table": "tables.table",
    "compare": "api.compare",
    "load": "api.model",
    "read_table": "api.table",
    "register": "api.register",
    "run": "api.run",
}
__all__ = [
    "BadInput",
    "Experiment",
    "Model",
    "Registered",
    "Table",
    "__version__",
    "compare",
    "load",
    "read_table",
    "register",
    "run",
]


def __getattr__(name: str) -> Any:
    """The API is imported when it is first used: ``--help`` and typos are answered without it."""
    if name in HOMES:
        return getattr(import_module(f"dge_experiments.{HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
