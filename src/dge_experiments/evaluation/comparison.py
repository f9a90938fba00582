"""Whether one model is better than another, or the folds only fell that way."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, chi2
from scipy.stats import t as student

from dge_experiments.errors import BadInput

SIMPLEST_FIRST = ("dummy", "ranking", "logistic_regression", "lasso", "svm", "random_forest", "xgboost")
EQUAL = 1e-12
EXACT_BELOW = 25


@dataclass(frozen=True)
class Comparison:
    """Models scored on the same folds, every pair tested.

    Attributes
    ----------
    pairwise : one row per pair, the better mean first: `first`, `second`, `difference` of the mean scores,
        `statistic` and `p_value` of the corrected resampled t-test, `p_holm` over all pairs, `differs`
    means : model -> mean score over the folds, best first
    tied : the best model and all that do not differ from it, best first
    simplest : of the tied, the first in the declared order
    sentence : the finding in plain words
    """

    pairwise: pd.DataFrame
    means: pd.Series
    tied: tuple[str, ...]
    simplest: str
    sentence: str

    @property
    def best(self) -> str:
        """The model with the highest mean score."""
        return self.tied[0]


@dataclass(frozen=True)
class McNemar:
    """Two models on one test part: how often only one of them is right, and whether that is chance.

    Attributes
    ----------
    only_first, only_second : genes that only the first, only the second model predicts rightly
    statistic : chi-squared with continuity correction, nan for the exact test
    p_value : two-sided
    exact : whether it is the binomial test
    """

    only_first: int
    only_second: int
    statistic: float
    p_value: float
    exact: bool


def compare(
    folds: pd.DataFrame,
    n_train: int,
    n_test: int,
    order: Sequence[str] = SIMPLEST_FIRST,
    alpha: float = 0.05,
) -> Comparison:
    """Test every pair of models and find those that cannot be told from the best.

    Parameters
    ----------
    folds : rows are folds (of all repeats), columns are models; a higher score is better
    n_train, n_test : genes in the training and in the test part of a fold
    order : models, simplest first; those not in it count as less simple, in column order
    alpha : a pair differs where its Holm-corrected p-value is below

    Raises
    ------
    BadInput
        no model, a model twice, fewer than two folds, a score that is not finite

    References
    ----------
    Nadeau and Bengio 2003, doi:10.1023/A:1024068626366; Holm 1979, Scandinavian Journal of Statistics 6:65
    """
    _check(folds)
    known = {name: place for place, name in enumerate(order)}
    simplest_first = sorted(folds.columns, key=lambda name: known.get(name, len(known)))
    means = folds[simplest_first].mean().sort_values(ascending=False, kind="stable")
    rows = []
    for first, second in combinations(means.index, 2):
        difference = (folds[first] - folds[second]).to_numpy(np.float64)
        rows.append((first, second, difference.mean(), *corrected_t_test(difference, n_train, n_test)))
    pairwise = pd.DataFrame(rows, columns=["first", "second", "difference", "statistic", "p_value"])
    pairwise["p_holm"] = holm(pairwise["p_value"].to_numpy(np.float64))
    pairwise["differs"] = pairwise["p_holm"] < alpha
    best = str(means.index[0])
    beaten = set(pairwise.loc[(pairwise["first"] == best) & pairwise["differs"], "second"])
    tied = tuple(str(name) for name in means.index if name not in beaten)
    simplest = next(str(name) for name in simplest_first if name in tied)
    return Comparison(pairwise, means, tied, simplest, _sentence(pairwise, means, tied, simplest, len(folds)))


def corrected_t_test(differences: ArrayLike, n_train: int, n_test: int) -> tuple[float, float]:
    """Corrected resampled t-test of score differences over folds: statistic and two-sided p-value.

    ``t = mean / sqrt((1 / folds + n_test / n_train) * variance)`` with ``folds - 1`` degrees of freedom. The
    second term stands for the overlap of the training parts, which makes folds depend on each other. Without
    any difference the result is (0, 1); with the same difference in every fold it is the limit, (+-inf, 0).

    References
    ----------
    Nadeau and Bengio 2003, doi:10.1023/A:1024068626366
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) < 2 or n_train < 1 or n_test < 1:
        raise BadInput(
            "a comparison needs two folds or more with genes to train and to test on, "
            f"but got folds={len(d)}, n_train={n_train}, n_test={n_test}"
        )
    if np.all(np.abs(d) < EQUAL):
        return 0.0, 1.0
    if d.std(ddof=1) < EQUAL:
        return float(np.copysign(np.inf, d.mean())), 0.0
    statistic = d.mean() / np.sqrt((1 / len(d) + n_test / n_train) * d.var(ddof=1))
    return float(statistic), float(2 * student.sf(abs(statistic), len(d) - 1))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down adjusted p-values, in the order given.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6:65, https://www.jstor.org/stable/4615733
    """
    p = np.asarray(p_values, dtype=np.float64)
    rank = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[rank] = np.minimum(1, np.maximum.accumulate(p[rank] * np.arange(len(p), 0, -1)))
    return adjusted


def mcnemar(y: ArrayLike, first: ArrayLike, second: ArrayLike, exact: bool | None = None) -> McNemar:
    """McNemar's test of two models' predictions for the same genes.

    Parameters
    ----------
    y, first, second : shape (genes,), true classes and the predictions of the two models
    exact : binomial test, or chi-squared with continuity correction; by default the binomial test where the
        models disagree in rightness on fewer than 25 genes

    References
    ----------
    McNemar 1947, doi:10.1007/BF02295996
    """
    truth = np.asarray(y)
    right, other = np.asarray(first) == truth, np.asarray(second) == truth
    b, c = int(np.sum(right & ~other)), int(np.sum(other & ~right))
    by_binomial = b + c < EXACT_BELOW if exact is None else exact
    if b + c == 0:
        return McNemar(b, c, float("nan") if by_binomial else 0.0, 1.0, by_binomial)
    if by_binomial:
        return McNemar(b, c, float("nan"), float(binomtest(b, b + c, 0.5).pvalue), True)
    statistic = max(0, abs(b - c) - 1) ** 2 / (b + c)
    return McNemar(b, c, statistic, float(chi2.sf(statistic, 1)), False)


def _sentence(
    pairwise: pd.DataFrame, means: pd.Series, tied: tuple[str, ...], simplest: str, folds: int
) -> str:
    best, score = tied[0], f"mean {means.iloc[0]:.3f}"
    if len(means) == 1:
        return f"Only one model was scored, {_plain(best)}: nothing to compare."
    with_dummy = pairwise[(pairwise["first"] == "dummy") | (pairwise["second"] == "dummy")]
    if len(with_dummy) and not with_dummy["differs"].any():
        models = (
            "The one model does not differ"
            if len(means) == 2
            else f"None of the {len(means) - 1} models differs"
        )
        smallest = with_dummy["p_holm"].min()
        return f"{models} from the dummy over {folds} folds (smallest Holm-corrected p {smallest:.2g})."
    if len(tied) == 1:
        return f"Over {folds} folds {_plain(best)} is better than every other model ({score})."
    others = [_plain(name) for name in tied[1:]]
    listed = others[0] if len(others) == 1 else f"{', '.join(others[:-1])} and {others[-1]}"
    advice = "it is also" if simplest == best else f"{_plain(simplest)} is"
    return (
        f"Over {folds} folds {_plain(best)} scores best ({score}), but {listed} cannot be told from it; "
        f"{advice} the simplest of them."
    )


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _check(folds: pd.DataFrame) -> None:
    if folds.shape[1] == 0:
        raise BadInput("the comparison got no model; give one column of fold scores per model")
    if not folds.columns.is_unique:
        raise BadInput(f"model {folds.columns[folds.columns.duplicated()][0]!r} is there twice; keep one")
    if len(folds) < 2:
        raise BadInput(f"a comparison needs two folds or more, but got {len(folds)}")
    bad = np.argwhere(~np.isfinite(folds.to_numpy(np.float64)))
    if len(bad):
        row, column = bad[0]
        raise BadInput(
            f"model {folds.columns[column]!r} has no finite score in fold {folds.index[row]} "
            f"({folds.iloc[row, column]}); compare models that finished on all folds"
        )
