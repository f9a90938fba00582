"""Seconds each explanation takes on the bundled table (12,625 genes, six features), one process and two.

Run: python benchmarks/explanation.py
"""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from joblib import parallel_config
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from dge_experiments.explanation.methods.dominance import dominance
from dge_experiments.explanation.methods.regularization_path import regularization_path
from dge_experiments.explanation.methods.shap import shap_values
from dge_experiments.explanation.methods.stability import stability_selection
from dge_experiments.explanation.separation import separation
from dge_experiments.tables import bundled, read


def main() -> None:
    table = read(bundled.file("all_leukemia"))
    X = table.frame[table.features]
    up = (table.frame["logFC"] > 0).to_numpy().astype(int)
    honest = X.drop(columns=["logFC", "t"])
    called = np.where(table.frame["adj.P.Val"] >= 0.2, 1, 2 * up)
    linear = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, up)
    trees = make_pipeline(StandardScaler(), XGBClassifier(n_jobs=1)).fit(X, up)
    scores = X[["logFC", "t"]].set_axis(["PC1", "PC2"], axis=1)
    for name, labels, features in (
        ("direction", up, X),
        ("direction, honest", up, honest),
        ("regulation", called, X),
    ):
        for workers in (1, 2):
            for method in (dominance, stability_selection):
                work = partial(method, features, labels, seed=0)
                with parallel_config("loky", n_jobs=workers):
                    seconds(f"{method.__name__}, {name}, {workers} processes", work)
        seconds(f"LASSO path, {name}", partial(regularization_path, features, labels, seed=0))
    seconds("separation", lambda: separation(scores, up, seed=0))
    seconds("SHAP, linear", lambda: shap_values(linear, X, X, seed=0))
    seconds("SHAP, XGBoost", lambda: shap_values(trees, X, X, seed=0))


def seconds(name: str, work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    print(f"{name:50} {time.perf_counter() - start:6.1f} s")


if __name__ == "__main__":
    main()
