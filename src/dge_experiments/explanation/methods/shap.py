"""SHAP values: how much each feature moved each gene's score away from the mean score."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

from dge_experiments.explanation import additive
from dge_experiments.explanation.additive import Additive
from dge_experiments.explanation.inputs import Floats, matrix
from dge_experiments.explanation.method import Method, Subject
from dge_experiments.explanation.svm_shap import is_radial

GET_SHAP = "pip install 'dge-experiments[shap]'"
BACKGROUND = 100_000  # at most so many training genes are the reference of SHAP values
OTHER_GENES, OTHER_BACKGROUND = 100, 20
SVM_GENES, SVM_BACKGROUND = 500, 200


@dataclass(frozen=True)
class ShapValues:
    """Additive contributions: in each gene and class, ``base`` plus the contributions is ``output``.

    Attributes
    ----------
    contributions : columns ``row`` (index of the gene in X), ``class`` (code; two classes have the second
        one's only), ``feature``, ``value`` (of the feature, unscaled), ``contribution`` (in ``unit``)
    outputs : columns ``row``, ``class``, ``base``, ``output`` (the model's score of that gene)
    importance : columns ``class``, ``feature``, ``importance`` (mean absolute contribution), largest first
    unit : what contributions and outputs are measured in
    method : name of the method; "" if there is none for this model
    note : one sentence on how they were computed, or on how to get them
    """

    contributions: pd.DataFrame
    outputs: pd.DataFrame
    importance: pd.DataFrame
    unit: str
    method: str
    note: str


def shap_values(
    pipeline: Pipeline, X: pd.DataFrame, background: pd.DataFrame, *, seed: int, max_genes: int = 2000
) -> ShapValues:
    """SHAP values of a fitted pipeline (preprocessing, then an estimator), on the estimator's own scale.

    XGBoost: exact TreeSHAP by XGBoost itself (``pred_contribs``), in log-odds. Linear models: the closed form
    ``coef * (x - mean of the background)`` on the scaled features, exact where features are taken as
    independent. Radial SVMs of two classes: exact (``svm_shap``) on at most 500 genes against 200 of the background.
    Forests and everything else: the ``shap`` package if it is installed (``pip install 'dge-experiments[shap]'``;
    TreeSHAP in probabilities, or the exact explainer on at most 100 genes against 20 of the background); if it is
    not, the frames are empty and ``note`` says how to get it.

    Parameters
    ----------
    pipeline : fitted; its last step is the estimator
    X : genes to explain (rows) by features (columns), unscaled
    background : genes (rows) that the contributions are relative to, usually the training part; same columns
    seed : of the samples of genes
    max_genes : explain a random sample of at most this many genes

    Raises
    ------
    ValueError
        cells that are not finite numbers

    References
    ----------
    Lundberg & Lee 2017, Advances in Neural Information Processing Systems 30.
    Lundberg et al. 2020, Nature Machine Intelligence 2:56, doi:10.1038/s42256-019-0138-9.
    """
    estimator = pipeline[-1]
    rng = np.random.default_rng(seed)
    direct = isinstance(estimator, XGBClassifier) or additive.is_linear(estimator)
    radial = is_radial(estimator, X.shape[1])
    if not direct and not radial and importlib.util.find_spec("shap") is None:
        return _unavailable(type(estimator).__name__)
    forest = isinstance(estimator, RandomForestClassifier | ExtraTreesClassifier)
    most_genes, background_size = (SVM_GENES, SVM_BACKGROUND) if radial else (OTHER_GENES, OTHER_BACKGROUND)
    genes = _sample(X, max_genes if direct or forest else min(max_genes, most_genes), rng)
    reference = background if direct or forest else _sample(background, background_size, rng)
    scaled, scaled_reference = (_scaled(pipeline, frame) for frame in (genes, reference))
    if isinstance(estimator, XGBClassifier):
        explained = additive.xgboost(estimator, scaled)
    elif direct:
        explained = additive.linear(estimator, scaled, scaled_reference)
    elif radial:
        explained = additive.radial(estimator, scaled, scaled_reference)
    elif forest:
        explained = additive.forest(estimator, scaled)
    else:
        explained = additive.any_model(estimator, scaled, scaled_reference, seed)
    return _assembled(explained, genes, estimator.classes_, len(X))


def _sample(frame: pd.DataFrame, size: int, rng: np.random.Generator) -> pd.DataFrame:
    if len(frame) <= size:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), size, replace=False))]


def _scaled(pipeline: Pipeline, frame: pd.DataFrame) -> Floats:
    matrix(frame)
    before = pipeline[:-1].transform(frame) if len(pipeline) > 1 else frame
    return np.asarray(before, dtype=np.float64)


def _assembled(explained: Additive, genes: pd.DataFrame, classes: Sequence[int], total: int) -> ShapValues:
    n, k, p = explained.contributions.shape
    codes = np.asarray(classes)[-k:]
    contributions = pd.DataFrame(
        {
            "row": np.repeat(genes.index.to_numpy(), k * p),
            "class": np.tile(np.repeat(codes, p), n),
            "feature": np.tile([str(column) for column in genes.columns], n * k),
            "value": np.repeat(genes.to_numpy(dtype=np.float64)[:, None, :], k, axis=1).ravel(),
            "contribution": explained.contributions.ravel(),
        }
    )
    sizes = contributions.assign(importance=contributions["contribution"].abs())
    importance = sizes.groupby(["class", "feature"], sort=False)["importance"].mean().reset_index()
    rows = {"row": np.repeat(genes.index.to_numpy(), k), "class": np.tile(codes, n)}
    outputs = pd.DataFrame(rows | {"base": explained.base.ravel(), "output": explained.output.ravel()})
    sample = f"a random sample of {n:,} of {total:,} genes" if n < total else f"all {n:,} genes"
    return ShapValues(
        contributions=contributions,
        outputs=outputs,
        importance=importance.sort_values("importance", ascending=False, kind="stable").reset_index(
            drop=True
        ),
        unit=explained.unit,
        method=explained.method,
        note=f"{explained.method} on {sample}, in units of {explained.unit}.",
    )


def _unavailable(estimator: str) -> ShapValues:
    return ShapValues(
        contributions=pd.DataFrame(columns=["row", "class", "feature", "value", "contribution"]),
        outputs=pd.DataFrame(columns=["row", "class", "base", "output"]),
        importance=pd.DataFrame(columns=["class", "feature", "importance"]),
        unit="",
        method="",
        note=f"SHAP values of {estimator} need the shap package, which is not installed: {GET_SHAP}",
    )


def _run(subject: Subject) -> ShapValues:
    X, train = subject.X, subject.train
    if len(train) > BACKGROUND:
        train = np.random.default_rng(subject.seed).permutation(train)[:BACKGROUND]
    result = shap_values(subject.pipeline, X.iloc[subject.test], X.iloc[train], seed=subject.seed)
    names = subject.genes.iloc[result.contributions["row"]].to_numpy()
    return replace(result, contributions=result.contributions.assign(gene=names))


def _frames(result: ShapValues) -> dict[str, pd.DataFrame]:
    if not result.method:
        return {}
    columns = ["gene", *(column for column in result.contributions if column != "gene")]
    return {"shap/importance.csv": result.importance, "shap/contributions.csv": result.contributions[columns]}


METHOD = Method(
    name="shap",
    title="SHAP values",
    run=_run,
    frames=_frames,
    place=30,
    text=lambda result: result.method,
    cite="Lundberg SM, Lee SI. A unified approach to interpreting model predictions. NeurIPS 30 (2017).",
    importance=lambda result: (
        {"SHAP": result.importance.groupby("feature")["importance"].mean()} if result.method else {}
    ),
)
