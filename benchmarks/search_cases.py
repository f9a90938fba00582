"""One measured search in a process of its own: ``search_cases.py CASE GENES TRACKING`` prints one line of JSON.

The question is ``replication`` on the bundled discovery half, on the 10,100 genes that the command itself trains on.
Timed from the first call, with nothing warm: workers start inside. What is only read (imports of this process, the
table) is not timed.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import cpu_count
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from dge_experiments.evaluation.metrics import scores
from dge_experiments.search import compute
from dge_experiments.search.space import grid, parse
from dge_experiments.search.strategies import make
from dge_experiments.search.study import Options, Session, search
from dge_experiments.search.task import Task
from dge_experiments.tracking import runs, store

BUNDLED = Path(__file__).parents[1] / "src" / "dge_experiments" / "tables" / "bundled"
TABLES = Path(os.environ.get("DGE_TABLES", BUNDLED))
SCORING = "average_precision"
THREE = {"low": 50, "high": 200, "log": True, "points": 3}
FOREST = {
    "n_estimators": THREE,
    "max_depth": {"choices": [None, 5, 10]},
    "min_samples_split": {"low": 2, "high": 5, "points": 2},
    "min_samples_leaf": {"low": 1, "high": 4, "log": True, "points": 3},
}
XGBOOST = {
    "n_estimators": THREE,
    "max_depth": {"low": 2, "high": 8, "log": True, "points": 3},
    "learning_rate": {"low": 0.03, "high": 0.3, "log": True, "points": 3},
}
MODELS: dict[str, Any] = {
    "forest": (RandomForestClassifier(random_state=42), FOREST),
    "xgboost": (XGBClassifier(random_state=42, n_jobs=1), XGBOOST),
}


def data(genes: int) -> tuple[Any, Any]:
    """Statistics of the discovery half, and whether a gene replicates (same sign and P.Value < 0.05)."""
    found, again = (
        pd.read_csv(next(TABLES.glob(f"all_{half}.csv*")), index_col=0)
        for half in ("discovery", "replication")
    )
    again = again.loc[found.index]
    y = ((np.sign(found["logFC"]) == np.sign(again["logFC"])) & (again["P.Value"] < 0.05)).astype(int)
    train, _ = train_test_split(np.arange(len(found)), test_size=0.2, random_state=42, stratify=y)
    rows = train[:genes]
    columns = ["logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"]
    return found[columns].to_numpy()[rows], y.to_numpy()[rows].astype(np.int64)


def ours(model: str, X: Any, y: Any, folds: Any, tracked: bool, racing: bool, dask: bool) -> dict[str, Any]:
    estimator, declared = MODELS[model]
    pipeline = make_pipeline(StandardScaler(), estimator)
    strategy = make("grid", parse(declared), None, None, 0)
    client = store.connect(None) if tracked else None
    start = time.perf_counter()
    with compute.opened("dask" if dask else "local", None, None) as workers:
        begun = time.perf_counter() if dask else start

        def run(on_trial: Any) -> Any:
            task = Task(pipeline, X, y, folds, scores, "n_estimators")
            options = Options(SCORING, racing=racing, workers=workers)
            return search(strategy, task, options, Session(on_trial=on_trial))

        if client is not None:
            with runs.parent(client, "benchmark", "ours", {"role": "model"}) as parent:
                study = run(lambda trial: parent.log_trial(trial, SCORING))
        else:
            study = run(lambda trial: None)
        seconds = time.perf_counter() - begun
    fitted = sum(trial.fit_seconds for trial in study.trials)
    return {
        "seconds": seconds,
        "busy": fitted / (seconds * cpu_count()),
        "scores": {json.dumps(t.candidate, sort_keys=True): t.mean(SCORING) for t in study.finished},
        "winner": study.best.mean(SCORING),
    }


def peer(model: str, X: Any, y: Any, folds: Any, kind: str) -> dict[str, Any]:
    """scikit-learn's grid search: plain, autologged, of one tiny candidate; Optuna with one run a trial or MLflow's
    storage."""
    estimator, declared = MODELS[model]
    pipeline = make_pipeline(StandardScaler(), estimator)
    name = pipeline.steps[-1][0]
    space = {
        f"{name}__{key}": sorted({c[key] for c in grid(parse(declared))}, key=lambda v: v or 99)
        for key in declared
    }
    if kind == "start":  # little else than the start of the workers and what they import
        space, kind = {f"{name}__n_estimators": [1]}, "gridsearchcv"
    if kind.startswith("gridsearchcv"):
        if kind == "gridsearchcv-autolog":
            import mlflow

            store.connect(None)
            mlflow.set_experiment("benchmark")
            mlflow.sklearn.autolog(max_tuning_runs=None, silent=True)
        start = time.perf_counter()
        done = GridSearchCV(pipeline, space, cv=folds, scoring=SCORING, n_jobs=-1, refit=False).fit(X, y)
        seconds = time.perf_counter() - start
        table = zip(done.cv_results_["params"], done.cv_results_["mean_test_score"], strict=True)
        means = {json.dumps({k.split("__")[1]: v for k, v in p.items()}, sort_keys=True): s for p, s in table}
        return {"seconds": seconds, "scores": means, "winner": max(means.values())}
    return optuna_loop(pipeline, space, X, y, folds, kind)


def optuna_loop(pipeline: Any, space: Any, X: Any, y: Any, folds: Any, kind: str) -> dict[str, Any]:
    import mlflow
    import optuna
    from sklearn.base import clone
    from sklearn.model_selection import ParameterGrid, cross_val_score

    store.connect(None)
    mlflow.set_experiment("benchmark")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    means = {}

    def objective(trial: Any) -> float:
        given = {key: trial.suggest_categorical(key, values) for key, values in space.items()}
        model = clone(pipeline).set_params(**given)
        score = float(np.mean(cross_val_score(model, X, y, cv=folds, scoring=SCORING, n_jobs=-1)))
        means[json.dumps({k.split("__")[1]: v for k, v in given.items()}, sort_keys=True)] = score
        if kind == "optuna-runs":
            with mlflow.start_run(nested=True):
                mlflow.log_params(given)
                mlflow.log_metric(SCORING, score)
        return score

    start = time.perf_counter()
    kept = None
    if kind == "optuna-storage":
        from mlflow.optuna.storage import MlflowStorage

        kept = MlflowStorage(mlflow.get_experiment_by_name("benchmark").experiment_id)
    study = optuna.create_study(storage=kept, direction="maximize", study_name="b")
    points = list(ParameterGrid(space))
    for point in points:
        study.enqueue_trial(point)
    with mlflow.start_run():
        study.optimize(objective, n_trials=len(points))
    return {"seconds": time.perf_counter() - start, "scores": means, "winner": max(means.values())}


def main() -> None:
    case, genes, tracking = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "tracked"
    model, kind = case.split(":")
    X, y = data(genes)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=42).split(X, y))
    if kind.startswith("ours"):
        result = ours(model, X, y, folds, tracking, "racing" in kind, "dask" in kind)
    else:
        result = peer(model, X, y, folds, kind)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
