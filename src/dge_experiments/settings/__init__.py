"""conf/ as typed settings: the schema, and a composed configuration checked against it."""

from dge_experiments.settings.commands import Inspection
from dge_experiments.settings.read import conf_folder, further_table, keys, read, unknown_key
from dge_experiments.settings.schema import Columns, Data, Model, Reading, Settings, Tracking

__all__ = [
    "Columns",
    "Data",
    "Inspection",
    "Model",
    "Reading",
    "Settings",
    "Tracking",
    "conf_folder",
    "further_table",
    "keys",
    "read",
    "unknown_key",
]
