"""Targets, the question about each gene: every module of this folder is one, with a function ``make``; the user's own
target is a ``rule`` (see ``own_target``).

``make(target, others)`` takes the settings of the target and the independent tables that they name, and returns the
rule that labels the genes of any table; it raises BadInput where a setting that it needs is missing.
"""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from dge_experiments.errors import BadInput, nearest
from dge_experiments.problem import own_target
from dge_experiments.problem.labels import Rule
from dge_experiments.settings.schema import Target
from dge_experiments.tables import Table


def names() -> list[str]:
    """Names of all targets."""
    return [module.name for module in iter_modules(__path__)]


def make(target: Target, others: Sequence[Table] = ()) -> Rule:
    """The rule of the configured target, for any table.

    Raises
    ------
    BadInput
        no such target, or a setting that it needs is missing
    """
    if target.rule is not None:
        return own_target.make(target)
    if target.name not in names():
        available = names()
        raise BadInput(
            f"target.name={target.name}: no such target{nearest(target.name, available)} "
            f"(there are {', '.join(available)})"
        )
    rule: Rule = import_module(f"{__name__}.{target.name}").make(target, others)
    return rule
