"""Importance of each feature by permutation on held-out genes."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.explanation.inputs import Codes, Floats
from dge_experiments.explanation.method import Method, Subject
from dge_experiments.search.prediction import predict

RESAMPLES = 200
FEW = 40  # resamples of a metric that is computed for one resample at a time
CELLS = 200_000  # counts that are converted to floats at a time


def permutation(
    model: Pipeline, X: pd.DataFrame, y: Codes, scoring: str, seed: int, repeats: int = 10
) -> pd.DataFrame:
    """How much ``scoring`` drops when one feature's values are shuffled over the genes of ``X``.

    Breiman 2001, doi:10.1023/A:1010933404324; Fisher, Rudin & Dominici 2019, jmlr.org/papers/v20/18-760.html. The
    interval is a percentile bootstrap of 200 draws over the genes, within their classes, and over the shuffles:
    how far the drop may be off for this fitted model on other genes (Efron 1979, doi:10.1214/aos/1176344552).

    Parameters
    ----------
    X, y : shape (genes, features) and (genes,): genes that the model has not been fitted on
    scoring : one of ``evaluation.metrics.REGISTRY``
    repeats : shuffles of each feature

    Returns
    -------
    rows are features: feature, importance (mean drop over the shuffles), low, high (95 %), scoring, genes (how many)
    """
    rng = np.random.default_rng(seed)
    resamples = RESAMPLES if REGISTRY[scoring].resampled is not None else FEW
    counts, draws = _resamples(y, rng, resamples), rng.integers(repeats, size=(resamples, repeats))
    all_genes = np.ones((1, len(y)))

    def scored(rows: pd.DataFrame) -> Floats:
        """The score on all genes, then on each resample; shape (1 + resamples,)."""
        score = REGISTRY[scoring].statistic(y, predict(model, rows))
        step = max(1, CELLS // len(y))
        return np.concatenate(
            [
                score(all_genes),
                *(score(counts[k : k + step].astype(float)) for k in range(0, resamples, step)),
            ]
        )

    intact = scored(X)
    importances = []
    for feature in X.columns:
        values = X[feature].to_numpy()
        drops = np.stack(
            [intact - scored(X.assign(**{feature: rng.permutation(values)})) for _ in range(repeats)]
        )
        resampled_drops = drops[draws, np.arange(1, resamples + 1)[:, None]].mean(axis=1)
        low, high = np.quantile(resampled_drops, [0.025, 0.975])
        importances.append((feature, drops[:, 0].mean(), low, high, scoring, len(y)))
    return pd.DataFrame(importances, columns=["feature", "importance", "low", "high", "scoring", "genes"])


def _resamples(y: Codes, rng: np.random.Generator, resamples: int) -> npt.NDArray[np.uint8]:
    """How often each gene is drawn (of 256 genes or more practically never 256 times), each class keeping its size;
    shape (resamples, genes)."""
    counts = np.empty((resamples, len(y)), np.uint8)
    for code in np.unique(y):
        members = np.flatnonzero(y == code)
        for row in counts:
            row[members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)))
    return counts


def _run(subject: Subject) -> pd.DataFrame:
    rows = subject.sampled(subject.test)
    return permutation(subject.pipeline, subject.X.iloc[rows], subject.y[rows], subject.scoring, subject.seed)


METHOD = Method(
    name="permutation",
    title="Permutation importance",
    run=_run,
    frames=lambda result: {"importance/permutation.csv": result},
    place=10,
    text=lambda result: f"permutation on {result['genes'].iloc[0]:,} held-out genes",
    cite="Fisher A, Rudin C, Dominici F. All models are wrong, but many are useful. "
    "Journal of Machine Learning Research 20:177 (2019).",
    importance=lambda result: {"permutation": result.set_index("feature")["importance"]},
    always=True,
)
