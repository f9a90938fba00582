"""Import the object that a dotted name in the settings names, from trusted packages only."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dge_experiments.errors import BadInput, first_line

PACKAGES = ("sklearn", "xgboost", "dge_experiments")


def imported(key: str, target: object, trusted: Sequence[str], setting: str, kind: str) -> Any:
    """The object that ``target`` names.

    Parameters
    ----------
    key : of the setting with the name, for messages
    target : the dotted name, in one of ``PACKAGES`` or of ``trusted``; those may lie in the working directory
    setting : the one that holds ``trusted``
    kind : what the target must be, for a target that is not a dotted name

    Raises
    ------
    BadInput
        a target that is not a dotted name, is in no trusted package, cannot be imported or does not exist
    """
    if not isinstance(target, str) or "." not in target:
        raise BadInput(f"{key}={target}: must be {kind}")
    package, allowed = target.partition(".")[0], (*PACKAGES, *trusted)
    if package not in allowed:
        raise BadInput(
            f"{key}={target}: {package} is not a trusted package ({', '.join(allowed)}); "
            f"if you know it, add {setting}=[{package}]"
        )
    if package in trusted and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    module, _, name = target.rpartition(".")
    try:
        value = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise BadInput(f"{key}={target}: {first_line(error)}") from None
    if value is None:
        raise BadInput(f"{key}={target}: there is no {name} in {module}")
    return value
