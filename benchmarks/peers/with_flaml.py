"""FLAML's AutoML with a time budget; run by run.py."""

import json
import sys
from pathlib import Path

import pandas as pd
from flaml import AutoML

METRICS = {"accuracy": "accuracy", "average_precision": "ap"}

folder, out = map(Path, sys.argv[1:])
task = json.loads((folder / "task.json").read_text())
train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))

automl = AutoML()
automl.fit(
    train.drop(columns="label"),
    train["label"],
    task="classification",
    metric=METRICS[task["metric"]],
    time_budget=task["seconds"],
    seed=task["seed"],
    n_jobs=2,
)
headline = f"1 - best loss {1 - automl.best_loss:.3f}"
(out / "reported.json").write_text(json.dumps({"headline": headline, "model": automl.best_estimator}))
probability = automl.predict_proba(test.drop(columns="label"))[:, 1]
pd.DataFrame({"probability": probability}).to_csv(out / "answers.csv", index=False)
