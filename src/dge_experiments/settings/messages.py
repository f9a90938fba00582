"""Hydra's errors as one line with what to type instead."""

import re
from collections.abc import Iterable
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException, MissingConfigException, OverrideParseException

from dge_experiments.errors import BadInput, first_line, has_password, nearest, without_password
from dge_experiments.settings.conf import no_such_key, options
from dge_experiments.settings.fields import walk

HYDRA = ("hydra/launcher", "hydra/sweeper")


def check_overrides(overrides: Iterable[str]) -> None:
    """Refuse overrides that Hydra must not get: passwords, which it writes to disk, and null groups, which crash it.

    Raises
    ------
    BadInput
        no key, an address with a password in it, a group of conf/ that is null or a number
    """
    for override in overrides:
        key, _, value = override.partition("=")
        if not key:
            raise BadInput(f"{override}: no key before the =; write KEY=VALUE")
        if has_password(value):
            raise BadInput(
                f"{key}={without_password(value)}: holds a password or token, and a configuration is logged; give the "
                "address in MLFLOW_TRACKING_URI instead, or user and password in MLFLOW_TRACKING_USERNAME and _PASSWORD"
            )
        _check_group(override)


def _check_group(override: str) -> None:
    """Refuse a group with another package (``@``) or without a name: Hydra would end in a traceback."""
    try:
        parsed = OverridesParser.create().parse_override(override)
    except HydraException:  # Hydra reports it itself
        return
    key = parsed.key_or_group
    if parsed.package is not None:
        raise BadInput(f"{override}: a group stays where it is; write {key}=NAME, without the @")
    choices = options(key) if re.fullmatch(r"[a-z]+", key) else []
    has_name = isinstance(parsed.value(), str | list) or parsed.is_sweep_override() or parsed.is_delete()
    optional = parsed.value() is None and key in ("experiment", "local")
    if not has_name and not optional and (choices or key.partition("/")[0] == "hydra"):
        raise BadInput(f"{override}: must be one of {', '.join(choices or HYDRA)}")


def one_line(error: HydraException, schema: type) -> str:
    """What is wrong with the command line, for a command whose settings are ``schema``."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options is not None:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        options = sorted(option for option in error.options if not option.startswith("_"))
        return f"{group}={choice}: no such {group}{nearest(choice, options)} (there are {', '.join(options)})"
    unknown = re.search(r"Could not override '([^']+)'", str(error))
    if unknown:
        key = unknown[1].split("@")[0]
        if key.startswith(("model.estimator.", "model.space.")):
            return f"{key}: adds a key that this model's YAML has not; put a + before it: +{key}=VALUE"
        return no_such_key(key, [field.key for field in walk(schema)])
    if isinstance(error, OverrideParseException):
        if Path(str(error.override)).is_file():
            return f"{error.override}: is a file; write data.path={error.override}"
        return f"{error.override}: not readable as key=value ({first_line(error)})"
    return " ".join(str(error).split())
