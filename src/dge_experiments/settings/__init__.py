"""conf/ as typed settings: the schema, and a composed configuration checked against it."""

from dge_experiments.settings.commands import Inspection
from dge_experiments.settings.read import conf_folder, keys, read, unknown_key
from dge_experiments.settings.schema import Columns, Data, Model, Settings, Tracking

__all__ = [
    "Columns",
    "Data",
    "Inspection",
    "Model",
    "Settings",
    "Tracking",
    "conf_folder",
    "keys",
    "read",
    "unknown_key",
]
