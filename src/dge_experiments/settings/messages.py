"""Hydra's errors as one line that says what to type instead."""

import re

from hydra.errors import HydraException, MissingConfigException, OverrideParseException

from dge_experiments.errors import first_line, nearest
from dge_experiments.settings.read import conf_folder, keys, unknown_key


def one_line(error: HydraException, schema: type) -> str:
    """What is wrong with the command line, for a command whose settings are ``schema``."""
    groups = [folder.name for folder in conf_folder().iterdir() if folder.is_dir()]
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options is not None:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        options = sorted(option for option in error.options if not option.startswith("_"))
        return f"{group}={choice}: no such {group}{nearest(choice, options)} (there are {', '.join(options)})"
    unknown = re.search(r"Could not override '([^']+)'", str(error))
    if unknown:
        key = unknown[1].split("@")[0]
        if key.startswith(("model.estimator.", "model.space.")):
            return f"{key}: adds a key that this model's YAML has not; put a + before it: +{key}=VALUE"
        return unknown_key(key, [*keys(schema), *groups])
    if isinstance(error, OverrideParseException):
        return f"{error.override}: not readable as key=value ({first_line(error)})"
    return " ".join(str(error).split())
