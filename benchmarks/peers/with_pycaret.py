"""PyCaret's setup and compare_models; run by run.py."""

import json
import sys
from pathlib import Path

import pandas as pd
from pycaret.classification import compare_models, predict_model, pull, setup

METRICS = {
    "accuracy": "Accuracy",
    "average_precision": "AUC",
}  # it has no average precision among its defaults

folder, out = map(Path, sys.argv[1:])
task = json.loads((folder / "task.json").read_text())
train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))
test.index = range(len(train), len(train) + len(test))

setup(
    train, target="label", test_data=test, index=False, session_id=task["seed"], html=False, n_jobs=2, fold=5
)
metric = METRICS[task["metric"]]
best = compare_models(
    include=["lr", "lightgbm", "rf", "et", "gbc", "ridge", "nb"],
    sort=metric,
    budget_time=task["seconds"] / 60,
)
board = pull()
print(board.to_string())
headline = f"{metric} {board.iloc[0][metric]:.3f}"
(out / "reported.json").write_text(json.dumps({"headline": headline, "model": board.iloc[0]["Model"]}))
answers = predict_model(best, data=test.drop(columns="label"), raw_score=True)
column = "prediction_score_1"
pd.DataFrame({"probability": answers[column].to_numpy()}).to_csv(out / "answers.csv", index=False)
