"""skore's report of a gradient boosting, with its checks; run by run.py."""

import json
import sys
from pathlib import Path

import pandas as pd
import skore
from sklearn.ensemble import HistGradientBoostingClassifier

folder, out = map(Path, sys.argv[1:])
task = json.loads((folder / "task.json").read_text())
train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))
X, y = train.drop(columns="label"), train["label"]
X_test, y_test = test.drop(columns="label"), test["label"]

model = HistGradientBoostingClassifier(random_state=task["seed"])
report = skore.EstimatorReport(model, X_train=X, y_train=y, X_test=X_test, y_test=y_test, pos_label=1)
summary = report.metrics.summarize().frame()
print(summary.to_string())
slow = (
    task["metric"] == "accuracy"
)  # the checks that refit the model take minutes: where there is a leak to find
print(report.checks.summarize(fast_mode=not slow).frame().to_string(max_colwidth=None))
headline = f"accuracy {report.metrics.accuracy():.3f}, ROC AUC {report.metrics.roc_auc():.3f}"
(out / "reported.json").write_text(json.dumps({"headline": headline, "model": "gradient boosting"}))
probability = report.estimator_.predict_proba(X_test)[:, 1]
pd.DataFrame({"probability": probability}).to_csv(out / "answers.csv", index=False)
