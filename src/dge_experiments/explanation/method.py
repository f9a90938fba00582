"""An explanation method as one entry: what runs, which tables it writes, and its text for the report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd
from joblib import Memory
from sklearn.pipeline import Pipeline

from dge_experiments.explanation.inputs import Codes
from dge_experiments.problem.dealing import Indices
from dge_experiments.problem.sample import stratified

Found = TypeVar("Found")


class NotPossible(ValueError):
    """This method is not possible for these genes; the message says why."""


@dataclass(frozen=True)
class Subject:
    """What is explained: the labels of some genes, and a model that predicts them.

    Attributes
    ----------
    X : rows are genes, columns features; unscaled
    y : shape (genes,), class codes
    genes : shape (genes,), their names
    classes : names of the classes, by code
    train, test : row positions of the two parts
    honest : features that are not label sources
    pipeline : fitted on the training part; unfitted for the methods of the table, which do not use it
    scoring : the metric the model was tuned for
    seed : of all random numbers
    max_rows : the largest number of genes for methods that fit many models; None: all
    memory : where methods that do not depend on the model keep their results for the other models of a sweep
    """

    X: pd.DataFrame
    y: Codes
    genes: pd.Series
    classes: Sequence[str]
    train: Indices
    test: Indices
    honest: Sequence[str]
    pipeline: Pipeline
    scoring: str
    seed: int
    max_rows: int | None = None
    memory: Memory = field(default_factory=lambda: Memory(None))

    @property
    def sample(self) -> Indices:
        """Rows for methods that fit many models: all, or a stratified sample."""
        return self.sampled(np.arange(len(self.y), dtype=np.int32))

    def sampled(self, rows: Indices) -> Indices:
        """``rows``, or a stratified sample of ``max_rows`` of them."""
        size = None if self.max_rows is None else max(self.max_rows, len(self.classes))
        return stratified(rows, self.y, size, self.seed)


def _nothing(result: Any) -> Mapping[str, pd.Series]:
    return {}


@dataclass(frozen=True)
class Method(Generic[Found]):
    """One explanation method.

    Attributes
    ----------
    name : as in ``explanation.methods``
    title : as a heading
    run : explains a subject; None where it does not apply to this model; raises :class:`NotPossible`
    frames : from the result: artifact path -> frame
    place : position in the report, lowest first
    text : how the weight of the statistics was measured, for the methods paragraph; "" leaves the method out
    cite : the reference for ``text``
    importance : column of the rank comparison -> importance of each feature (index), where the method gives one
    always : whether it runs even where ``explanation.methods`` does not name it
    sampled : whether it looks at ``Subject.sample`` only
    chapter : of the report: ``decision`` or ``shape``
    """

    name: str
    title: str
    run: Callable[[Subject], Found | None]
    frames: Callable[[Found], Mapping[str, pd.DataFrame]]
    place: int = 100
    text: Callable[[Found], str] = lambda result: ""
    cite: str = ""
    importance: Callable[[Found], Mapping[str, pd.Series]] = _nothing
    always: bool = False
    sampled: bool = False
    chapter: str = "decision"
