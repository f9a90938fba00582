"""Targets, the question asked of each gene: every module of this folder is one, with a function ``make``; a person's
own has a ``rule`` (see ``own_target``).

``make(asked, others)`` takes the settings of the target and the independent tables it names, and gives the rule that
labels the genes of any table; it raises BadInput where a setting that it needs is missing.
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
    """The targets there are."""
    return [module.name for module in iter_modules(__path__)]


def make(asked: Target, others: Sequence[Table] = ()) -> Rule:
    """The rule of the target that is asked for, to be applied to any table.

    Raises
    ------
    BadInput
        no such target, or a setting that it needs is missing
    """
    if asked.rule is not None:
        return own_target.make(asked)
    if asked.name not in names():
        known = names()
        raise BadInput(
            f"target.name={asked.name}: no such target{nearest(asked.name, known)} (there are {', '.join(known)})"
        )
    rule: Rule = import_module(f"{__name__}.{asked.name}").make(asked, others)
    return rule
