"""Every way a model is made, it can be used: run, logged, registered, loaded, and asked about another table.

The short form takes every pair of model and calibration once, targets and last fits in turn; the long one
(DGE_FAULTS=1) all combinations.
"""

import os
from itertools import cycle, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from dge_experiments import tables
from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.run import run
from dge_experiments.prediction.score import Summary, score
from dge_experiments.report import finished
from dge_experiments.report.records import Model
from dge_experiments.settings import choices
from dge_experiments.settings.estimator import estimator
from dge_experiments.tracking import loading, runs, store
from given import limma_table, settings

pytestmark = pytest.mark.slow

GENES = 150
MODELS = ("dummy", "lasso", "logistic_regression", "random_forest", "svm", "xgboost")
TARGETS = {
    "direction": ["target=direction"],
    "regulation": ["target=regulation", "target.fdr=0.2", "target.lfc=0.5"],
    "replication": ["target=replication", "target.path=second.csv", "target.alpha=0.3"],
    "column": ["target=column", "target.column=kind"],
}
CALIBRATIONS, FITS = list(choices.Calibration), list(choices.FinalFit)
PAIRS = zip(product(MODELS, CALIBRATIONS), cycle(product(TARGETS, FITS)), strict=False)
SHORT = [(model, calibration, target, fit) for (model, calibration), (target, fit) in PAIRS]
CASES = list(product(MODELS, CALIBRATIONS, TARGETS, FITS)) if os.environ.get("DGE_FAULTS") else SHORT


@pytest.fixture(scope="module")
def tables_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    table = limma_table(GENES)
    table["kind"] = np.where(table["AveExpr"] + table["B"] > 8, "down (KO vs WT)", "a/b")
    table.to_csv(folder / "t.csv", index=False)
    noise = np.random.default_rng(1).normal(0, 0.4, GENES)
    table.assign(logFC=table["logFC"] + noise).to_csv(folder / "second.csv", index=False)
    limma_table(40, seed=9).to_csv(folder / "new.csv", index=False)
    return folder


@pytest.mark.parametrize(("model", "calibration", "target", "fit"), CASES)
def test_a_model_that_was_made_answers_for_another_table(
    project: Path, tables_at: Path, model: str, calibration: str, target: str, fit: str
) -> None:
    asked = [each.replace("second.csv", str(tables_at / "second.csv")) for each in TARGETS[target]]
    chosen = settings(
        f"model={model}", f"data.path={tables_at / 't.csv'}", *asked, f"calibration={calibration}",
        f"model.final_fit={fit}", "model.max_rows=100", "search=none", "explanation=none", "split.folds=3",
        "features=list", "features.columns=[AveExpr,B,t]", "compute.workers=1",
    )  # fmt: skip
    result = run(chosen, prepare(chosen, estimator(chosen.model)))
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}) as parent:
        parent.log(list(finished.records(result, "")))
    made = next(r for r in finished.records(result, "") if isinstance(r, Model) and r.name == model)
    uri = next(
        m.model_uri for m in client.search_logged_models([parent.experiment_id]) if m.name == made.name
    )
    client.create_registered_model("m")
    client.create_model_version("m", uri, parent.run_id)
    client.set_registered_model_alias("m", "champion", "1")
    scorer = loading.scorer(MlflowClient(), "models:/m@champion")
    np.testing.assert_array_equal(scorer.pipeline.predict(made.X), made.predicted)
    assert scorer.classes == result.plan.problem.labels.classes
    new = tables.read(tables_at / "new.csv")
    answers = pd.concat(score(scorer, new, 30, Summary()))
    own = result.given.model.predict(new.frame[list(scorer.features)])
    assert answers["predicted"].tolist() == [scorer.classes[code] for code in own]
    if hasattr(made.pipeline, "predict_proba"):
        chances = made.pipeline.predict_proba(new.frame[list(scorer.features)])
        shown = answers[[f"probability_{name}" for name in scorer.classes]]
        np.testing.assert_allclose(shown, chances, rtol=0, atol=1e-6)  # XGBoost counts in 32 bits
