"""All explanations of one experiment: of the table whatever the model, and of the fitted model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from dge_experiments.errors import BadInput
from dge_experiments.explanation.agreement import Agreement, agreement
from dge_experiments.explanation.diagnostics import Diagnostics
from dge_experiments.explanation.dominance import Dominance, dominance
from dge_experiments.explanation.pca import Components, components
from dge_experiments.explanation.regularization import RegularizationPath, regularization_path
from dge_experiments.explanation.separation import Separation, separation
from dge_experiments.explanation.shap_values import ShapValues, shap_values
from dge_experiments.explanation.stability import Stability, stability_selection

METHODS = ("dominance", "stability", "regularization_path", "shap", "honest_pca")
SUBSAMPLES, POINTS, FOLDS, FEWEST = 50, 15, 5, 100
BACKGROUND = 100_000  # training genes that SHAP values are relative to

Result = TypeVar("Result")
_made: dict[tuple[str, str], Any] = {}  # the models of a sweep share one table: each method runs on it once


@dataclass(frozen=True)
class TableExplanation:
    """What the statistics say about the label, whatever the model; None where not asked for or not possible.

    Attributes
    ----------
    dominance, stability : over all genes, or over those of ``sample``
    path : LASSO path on the training part of the same
    separation : of the classes along the components of all features
    honest_pca, honest_separation : the same without the label's sources; None if there are none
    skipped : method -> why it was asked for and could not be had
    sample : which genes dominance, stability and path are of, where these are not all; else ""
    """

    separation: Separation
    dominance: Dominance | None = None
    stability: Stability | None = None
    path: RegularizationPath | None = None
    honest_pca: Components | None = None
    honest_separation: Separation | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    sample: str = ""


@dataclass(frozen=True)
class ModelExplanation:
    """What the fitted model leans on, and what its search says; None where not asked for or not possible.

    Attributes
    ----------
    shap : SHAP values on the held-out genes, relative to the training part
    agreement : of the importance methods at hand (two or more), over the features of the model
    search : diagnostics of a search of two trials or more
    permuted : how many held-out genes permutation importance is of
    """

    shap: ShapValues | None
    agreement: Agreement | None
    search: Diagnostics | None
    permuted: int


def check(methods: Sequence[str], max_rows: int | None) -> None:
    """Raise BadInput where ``methods`` names one that there is not, or ``max_rows`` is below ``FEWEST``."""
    if max_rows is not None and max_rows < FEWEST:
        raise BadInput(f"explanation.max_rows={max_rows}: must be {FEWEST} or more, or null for all genes")
    for method in methods:
        if method not in METHODS:
            near = get_close_matches(method, METHODS, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise BadInput(
                f"explanation.methods: no method {method!r}{hint} (there are {', '.join(METHODS)})"
            )


def explain_table(
    X: pd.DataFrame,
    y: NDArray[np.int64],
    pca: Components,
    train: NDArray[np.signedinteger],
    seen: NDArray[np.signedinteger],
    honest: Sequence[str],
    methods: Sequence[str],
    *,
    chosen_c: float | None,
    seed: int,
) -> TableExplanation:
    """Explain the label by the statistics.

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,): features, unscaled, and class codes
    pca : of ``X``
    train : rows of the training part
    seen : rows that the methods which fit many models look at: all, or a stratified sample
    honest : features that are no source of the label
    methods : of ``METHODS``
    chosen_c : C of a tuned LASSO, to be marked on the path
    """
    skipped: dict[str, str] = {}
    asked = str(joblib.hash((X, y, train, seen, list(honest), seed)))

    def made(method: str, work: Callable[[], Result], varies: str = "") -> Result | None:
        if method not in methods:
            return None
        key = asked, f"{method} {varies}"
        try:
            if key not in _made:
                for old in [k for k in _made if k[0] != asked]:
                    del _made[old]
                _made[key] = work()
            result: Result = _made[key]
            return result
        except BadInput as error:
            skipped[method] = str(error)
            return None

    few, codes, begun = X.iloc[seen], y[seen], np.isin(seen, train)
    smallest = int(np.bincount(codes)[np.unique(codes)].min())
    honest_pca = (
        made("honest_pca", lambda: components(X[list(honest)])) if 1 < len(honest) < X.shape[1] else None
    )
    return TableExplanation(
        separation=separation(pca.scores, y, seed=seed),
        dominance=made("dominance", lambda: dominance(few, codes, seed=seed, folds=min(FOLDS, smallest))),
        stability=made(
            "stability",
            lambda: stability_selection(few, codes, seed=seed, subsamples=SUBSAMPLES),
        ),
        path=made(
            "regularization_path",
            lambda: regularization_path(
                few[begun], codes[begun], seed=seed, chosen_c=chosen_c, points=POINTS
            ),
            varies=repr(chosen_c),
        ),
        honest_pca=honest_pca,
        honest_separation=None if honest_pca is None else separation(honest_pca.scores, y, seed=seed),
        skipped=skipped,
        sample="" if len(seen) == len(y) else f"a stratified sample of {len(seen):,} of the {len(y):,} genes",
    )


def explain_model(
    model: Pipeline,
    X: pd.DataFrame,
    train: NDArray[np.signedinteger],
    test: NDArray[np.signedinteger],
    table: TableExplanation,
    native: pd.DataFrame | None,
    permutation: pd.DataFrame,
    search: Diagnostics | None,
    groups: Sequence[Sequence[str]],
    methods: Sequence[str],
    *,
    seed: int,
) -> ModelExplanation:
    """Explain a fitted pipeline and the search that chose it.

    Parameters
    ----------
    X : shape (genes, features), unscaled; ``train`` and ``test`` are its rows (SHAP values are relative to at most
        ``BACKGROUND`` of the former)
    native, permutation : columns ``feature``, ``importance`` (see ``explanation.importance``)
    search : diagnostics of the search that chose it
    groups : groups of features that are functions of each other
    """
    shap = None
    if "shap" in methods:
        few = (
            np.random.default_rng(seed).permutation(train)[:BACKGROUND] if len(train) > BACKGROUND else train
        )
        shap = shap_values(model, X.iloc[test], X.iloc[few], seed=seed)
    return ModelExplanation(
        shap=shap,
        agreement=_agreement(table, native, permutation, shap, groups),
        search=search,
        permuted=int(permutation["genes"].iloc[0]),
    )


def _agreement(
    table: TableExplanation,
    native: pd.DataFrame | None,
    permutation: pd.DataFrame,
    shap: ShapValues | None,
    groups: Sequence[Sequence[str]],
) -> Agreement | None:
    found = {"permutation": permutation.set_index("feature")["importance"]}
    if native is not None:
        found[str(native["kind"].iloc[0])] = native.set_index("feature")["importance"]
    if shap is not None and len(shap.importance):
        found["SHAP"] = shap.importance.groupby("feature")["importance"].mean()
    if table.dominance is not None:
        found["dominance"] = table.dominance.general.set_index("feature")["general"]
    if table.stability is not None and table.stability.q > 0:
        found["stability"] = table.stability.features.set_index("feature")["frequency"]
    return agreement(found, groups) if len(found) > 1 else None
