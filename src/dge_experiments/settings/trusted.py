"""What a dotted name in the settings stands for: of a trusted package, and nothing else is imported."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dge_experiments.errors import BadInput, first_line

PACKAGES = ("sklearn", "xgboost", "dge_experiments")


def named(key: str, target: object, trusted: Sequence[str], where: str, what: str) -> Any:
    """The object that ``target`` names, which must be in ``PACKAGES`` or a package of ``trusted`` (the setting
    ``where``); one of the working directory is found, too. ``what`` is said of a target that is no dotted name.

    Raises
    ------
    BadInput
        a target that is no dotted name, of a package that is not trusted, that cannot be imported or is not there
    """
    if not isinstance(target, str) or "." not in target:
        raise BadInput(f"{key}={target}: must be {what}")
    package, allowed = target.partition(".")[0], (*PACKAGES, *trusted)
    if package not in allowed:
        raise BadInput(
            f"{key}={target}: {package} is not a trusted package ({', '.join(allowed)}); "
            f"if you know it, add {where}=[{package}]"
        )
    if package in trusted and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise BadInput(f"{key}={target}: {first_line(error)}") from None
    if found is None:
        raise BadInput(f"{key}={target}: there is no {name} in {module}")
    return found
