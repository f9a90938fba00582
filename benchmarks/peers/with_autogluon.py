"""AutoGluon's TabularPredictor with a time limit; run by run.py."""

import json
import sys
from pathlib import Path

import pandas as pd
from autogluon.tabular import TabularPredictor

folder, out = map(Path, sys.argv[1:])
task = json.loads((folder / "task.json").read_text())
train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))

predictor = TabularPredictor("label", eval_metric=task["metric"], path=str(out / "models"))
predictor.fit(train, time_limit=task["seconds"], num_cpus=2, hyperparameters={"GBM": {}, "RF": {}, "XT": {}})
board = predictor.leaderboard()
best = board.set_index("model").loc[predictor.model_best]
headline = f"score_val {best['score_val']:.3f}"
(out / "reported.json").write_text(json.dumps({"headline": headline, "model": predictor.model_best}))
probability = predictor.predict_proba(test.drop(columns="label"))[1]
pd.DataFrame({"probability": probability}).to_csv(out / "answers.csv", index=False)
