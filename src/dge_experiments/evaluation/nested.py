"""How much better a tuned cross-validation score looks than the model is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dge_experiments.errors import BadInput

Rows = NDArray[np.int64]
Model = TypeVar("Model")


@dataclass(frozen=True)
class Nested:
    """Nested cross-validation of a whole search.

    Attributes
    ----------
    folds : one row per outer fold: `fold` (from 0), `n_train`, `n_test`, `inner` (the search's own best
        cross-validation score on the outer training part), `outer` (the refitted best on the outer test
        part), `optimism` (inner - outer)
    optimism : mean of inner - outer; positive where the tuned score promises too much
    optimism_std : its standard deviation over the outer folds, nan for one fold
    score : mean outer score, the honest estimate for the search as a procedure
    """

    folds: pd.DataFrame
    optimism: float
    optimism_std: float
    score: float


def nested(
    search: Callable[[Rows], tuple[Model, float]],
    score: Callable[[Model, Rows], float],
    outer: Iterable[tuple[Rows, Rows]],
) -> Nested:
    """Run the whole search inside each outer fold.

    Parameters
    ----------
    search : row numbers of an outer training part, shape (n_train,), to the refitted best pipeline and its
        inner cross-validation score; it must look at no other row
    score : a pipeline and row numbers of an outer test part, shape (n_test,), to the same metric, higher is
        better
    outer : (training rows, test rows) of each outer fold

    Raises
    ------
    BadInput
        no outer fold, or a training and a test part that share rows

    References
    ----------
    Cawley and Talbot 2010, JMLR 11:2079; Varma and Simon 2006, doi:10.1186/1471-2105-7-91
    """
    rows = []
    for number, (train, test) in enumerate(outer):
        shared = np.intersect1d(train, test)
        if len(shared):
            raise BadInput(
                f"outer fold {number}: {len(shared)} rows are in both the training and the test part "
                f"(first: {shared[0]}); give parts that share none"
            )
        model, inner = search(train)
        rows.append((number, len(train), len(test), float(inner), float(score(model, test))))
    if not rows:
        raise BadInput("nested cross-validation needs one outer fold or more, but got none")
    folds = pd.DataFrame(rows, columns=["fold", "n_train", "n_test", "inner", "outer"])
    folds["optimism"] = folds["inner"] - folds["outer"]
    optimism = folds["optimism"]
    return Nested(folds, float(optimism.mean()), float(optimism.std()), float(folds["outer"].mean()))
