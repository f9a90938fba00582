"""GridSearchCV of a random forest under MLflow's autolog; run by run.py."""

import json
import sys
from pathlib import Path

import mlflow
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV

folder, out = map(Path, sys.argv[1:])
task = json.loads((folder / "task.json").read_text())
train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))
X, y = train.drop(columns="label"), train["label"]

mlflow.set_tracking_uri(f"sqlite:///{out / 'mlflow.db'}")
mlflow.sklearn.autolog()
forest = RandomForestClassifier(n_estimators=100, random_state=task["seed"])
grid = {"max_depth": [None, 5, 10], "min_samples_leaf": [1, 4]}
with mlflow.start_run():
    search = GridSearchCV(forest, grid, scoring=task["metric"], cv=5, n_jobs=2).fit(X, y)
headline = f"best_cv_score {search.best_score_:.3f}"
(out / "reported.json").write_text(json.dumps({"headline": headline, "model": "random forest"}))
probability = search.predict_proba(test.drop(columns="label"))[:, 1]
pd.DataFrame({"probability": probability}).to_csv(out / "answers.csv", index=False)
