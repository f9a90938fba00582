"""LASSO regularization path: the coefficients of L1-penalised logistic regression against C."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import l1_min_c

from dge_experiments.explanation.inputs import Codes, Floats, class_codes, matrix
from dge_experiments.explanation.method import Method, NotPossible, Subject

POINTS = 15
INTERCEPT_SCALING = 100.0


@dataclass(frozen=True)
class RegularizationPath:
    """Coefficients along the path, in units of log-odds per standard deviation of the feature.

    Attributes
    ----------
    coefficients : columns ``C``, ``class`` (code; two classes have the second one's only), ``feature``,
        ``coefficient``; from small C (strong penalty) to large
    fits : one row per C; columns ``C``, ``nonzero`` (features in the model), ``converged``, ``chosen``
    entry : columns ``feature``, ``C`` (the smallest on the path at which the feature is in the model; NaN if
        it never is), first to enter first
    min_c : the C up to which the model is empty
    chosen_c : the tuned model's C, or None
    note : one sentence that says how it was computed
    """

    coefficients: pd.DataFrame
    fits: pd.DataFrame
    entry: pd.DataFrame
    min_c: float
    chosen_c: float | None
    note: str


def regularization_path(
    X: pd.DataFrame,
    y: Sequence[int] | NDArray[np.integer] | pd.Series,
    *,
    seed: int,
    chosen_c: float | None = None,
    points: int = 25,
    decades: float = 3.0,
) -> RegularizationPath:
    """LASSO path of (multinomial) logistic regression on standardised features, with warm starts.

    The C are log-spaced from just below ``min_c``, where every coefficient is 0, over ``decades`` powers of
    ten (further if ``chosen_c`` lies beyond), and hold ``chosen_c`` itself. The intercept is not penalised,
    so ``min_c`` is scikit-learn's ``l1_min_c`` of the centred features without intercept. On separable
    classes the coefficients grow with C without end and the largest C may stop short of convergence
    (``fits.converged``).

    Parameters
    ----------
    X : rows are genes, columns features; unscaled
    y : class code of each gene
    seed : of the solver's order of features or genes
    chosen_c : C of the tuned model, to be marked
    points : values of C, ``chosen_c`` not counted
    decades : length of the path in powers of ten of C

    Raises
    ------
    ValueError
        cells that are not finite numbers, one class only, or ``chosen_c`` not above 0
    NotPossible
        no feature varies

    References
    ----------
    Tibshirani 1996, Journal of the Royal Statistical Society B 58:267,
    doi:10.1111/j.2517-6161.1996.tb02080.x.
    Friedman, Hastie & Tibshirani 2010, Journal of Statistical Software 33:1, doi:10.18637/jss.v033.i01.
    """
    codes = class_codes(y, len(X))
    scaled = StandardScaler().fit_transform(matrix(X))
    if chosen_c is not None and not 0 < chosen_c < np.inf:
        raise ValueError(f"chosen_c={chosen_c}: C is a finite number above 0; give the tuned model's C")
    min_c = smallest_c(scaled, codes)
    low, high = 0.99 * min_c, max(min_c * 10**decades, chosen_c or 0.0)
    grid = np.geomspace(min(low, chosen_c or low), high, points)
    if chosen_c is not None:
        grid = np.union1d(grid, [chosen_c])
    steps = [(C, *step) for C, step in zip(grid, lasso_path(scaled, codes, grid, seed), strict=True)]

    names = [str(column) for column in X.columns]
    classes = np.unique(codes)[-len(steps[0][1]) :]
    coefficients = pd.concat(
        [
            pd.DataFrame(coef, index=classes, columns=names).rename_axis("class").assign(C=C).reset_index()
            for C, coef, _ in steps
        ]
    ).melt(["C", "class"], var_name="feature", value_name="coefficient")
    used = np.array([(coef != 0).any(axis=0) for _, coef, _ in steps])
    entry = pd.DataFrame(
        {"feature": names, "C": np.where(used.any(axis=0), grid[used.argmax(axis=0)], np.nan)}
    )
    fits = pd.DataFrame(
        {"C": grid, "nonzero": used.sum(axis=1), "converged": [converged for *_, converged in steps]}
    )
    return RegularizationPath(
        coefficients=coefficients.sort_values(["C", "class"], kind="stable").reset_index(drop=True),
        fits=fits.assign(chosen=grid == chosen_c if chosen_c is not None else False),
        entry=entry.sort_values("C", kind="stable").reset_index(drop=True),
        min_c=min_c,
        chosen_c=chosen_c,
        note=_note(len(grid), grid, int((~fits["converged"]).sum())),
    )


def smallest_c(scaled: Floats, codes: Codes) -> float:
    """The C up to which the LASSO on centred features, intercept not penalised, is empty.

    Raises
    ------
    NotPossible
        no feature varies
    """
    if not scaled.any():
        raise NotPossible("features: none of them varies over these genes; a LASSO path needs one that does")
    return float(l1_min_c(scaled, codes, loss="log", fit_intercept=False))


def lasso_path(
    scaled: Floats, codes: Codes, grid: Floats, seed: int, max_iter: int = 2000
) -> list[tuple[Floats, bool]]:
    """Coefficients (rows are classes; one row for two) and convergence at each C of ``grid``, ascending.

    Two classes are fitted by liblinear, which penalises the intercept: it is scaled so that the penalty is one part in
    ``INTERCEPT_SCALING``. Three or more are fitted by SAGA, which does not.
    """
    solver = "liblinear" if len(np.unique(codes)) == 2 else "saga"
    model = LogisticRegression(
        l1_ratio=1.0,
        solver=solver,
        intercept_scaling=INTERCEPT_SCALING,
        warm_start=True,
        max_iter=max_iter,
        random_state=seed,
    )
    steps = []
    for C in grid:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.set_params(C=C).fit(scaled, codes)
        steps.append((model.coef_.copy(), bool(model.n_iter_.max() < max_iter)))
    return steps


def _note(points: int, grid: Floats, short: int) -> str:
    shortfall = f"; {short} of the largest C stopped short of convergence" if short else ""
    span = f"{points} C from {grid[0]:.3g} to {grid[-1]:.3g}"
    return f"LASSO logistic regression on standardised features at {span}{shortfall}."


def _run(subject: Subject) -> RegularizationPath:
    rows = subject.sample
    rows = rows[np.isin(rows, subject.train)]
    estimator = subject.pipeline[-1]
    cached = subject.memory.cache(regularization_path)
    result: RegularizationPath = cached(
        subject.X.iloc[rows],
        subject.y[rows],
        seed=subject.seed,
        chosen_c=estimator.C if getattr(estimator, "l1_ratio", None) == 1 else None,
        points=POINTS,
    )
    return result


METHOD = Method(
    name="regularization_path",
    title="LASSO path",
    run=_run,
    frames=lambda result: {"lasso/path.csv": result.coefficients, "lasso/entry.csv": result.entry},
    place=50,
    text=lambda result: "the LASSO's regularization path",
    cite="Tibshirani R. Regression shrinkage and selection via the lasso. Journal of the Royal Statistical Society B "
    "58:267 (1996). doi:10.1111/j.2517-6161.1996.tb02080.x",
    sampled=True,
)
