"""An explanation method on the page: drawn by the module with the method's name, else its frames as tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from dge_experiments.explanation.method import Method
from dge_experiments.problem.problem import Problem
from dge_experiments.report.genes import Genes
from dge_experiments.report.page.page import Grid, Part


@dataclass(frozen=True)
class Context:
    """What the parts may use: the problem, the metric that the model was tuned for, the genes to draw."""

    problem: Problem
    scoring: str
    genes: Genes


def parts(method: Method[Any], result: Any, context: Context) -> Iterator[Part]:
    """The result of ``method``, for the page."""
    drawing = f"{__name__}.{method.name}"
    if find_spec(drawing):
        yield from import_module(drawing).parts(result, context)
        return
    for path, frame in method.frames(result).items():
        yield Grid(method.title, path, frame)
