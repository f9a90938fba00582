"""conf/ as typed settings: the schema, and checks of a composed configuration against it."""

from dge_experiments.settings.commands import Inspection
from dge_experiments.settings.conf import conf_folder, no_such_key, options
from dge_experiments.settings.fields import plain, walk
from dge_experiments.settings.read import further_table, read
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
    "no_such_key",
    "options",
    "plain",
    "read",
    "walk",
]
