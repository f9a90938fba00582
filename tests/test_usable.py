"""Every way a model is made, it can be used: run, logged, registered, loaded, served, and asked about another table.

The short form takes every pair of model and calibration once, targets, last fits and thresholds in turn; the long one
(DGE_FAULTS=1) all combinations of model, calibration, target and last fit, and a live ``mlflow models serve`` of one of
each model. MLflow may unpickle nothing (MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false).
"""

import json
import os
from itertools import cycle, product
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.pyfunc import scoring_server

from dge_experiments import tables
from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.run import run
from dge_experiments.prediction.score import Summary, score
from dge_experiments.report import finished
from dge_experiments.report.records import Model
from dge_experiments.settings import choices
from dge_experiments.settings.estimator import estimator
from dge_experiments.tracking import loading, runs, store
from given import limma_table, settings
from mlflow_server import post, serving

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
THRESHOLDS = ("0.5", "auto", "0.3")
LONG = bool(os.environ.get("DGE_FAULTS"))
PAIRS = zip(product(MODELS, CALIBRATIONS), cycle(product(TARGETS, FITS)), strict=False)
SHORT = [(model, calibration, target, fit) for (model, calibration), (target, fit) in PAIRS]
ALL = list(product(MODELS, CALIBRATIONS, TARGETS, FITS))
CASES = [
    (*case, threshold) for case, threshold in zip(ALL if LONG else SHORT, cycle(THRESHOLDS), strict=False)
]
LIVE = [("none", "0.5"), ("sigmoid", "auto"), ("auto", "0.3")]


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


@pytest.fixture(autouse=True)
def pickle_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")


def registered(tables_at: Path, *overrides: str) -> tuple[Result, Model]:
    """A run, its model registered as models:/m@champion, and the record that it was logged from."""
    chosen = settings(
        f"data.path={tables_at / 't.csv'}", "model.max_rows=100", "search=none", "explanation=none",
        "split.folds=3", "features=list", "features.columns=[AveExpr,B,t]", "compute.workers=1", *overrides,
    )  # fmt: skip
    result = run(chosen, prepare(chosen, estimator(chosen.model)))
    records = list(finished.records(result, ""))
    client = store.connect(None)
    with runs.parent(client, "q", "n", {"role": "model"}) as parent:
        parent.log(records)
    made = next(r for r in records if isinstance(r, Model) and r.name == chosen.model.name)
    client.create_registered_model("m")
    client.create_model_version("m", parent.models[made.name], parent.run_id)
    client.set_registered_model_alias("m", "champion", "1")
    return result, made


@pytest.mark.parametrize(("model", "calibration", "target", "fit", "threshold"), CASES)
def test_a_model_that_was_made_answers_for_another_table(
    project: Path, tables_at: Path, model: str, calibration: str, target: str, fit: str, threshold: str
) -> None:
    asked = [each.replace("second.csv", str(tables_at / "second.csv")) for each in TARGETS[target]]
    result, made = registered(
        tables_at, f"model={model}", *asked, f"calibration={calibration}", f"model.final_fit={fit}",
        f"threshold={threshold}",
    )  # fmt: skip
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
    called = [scorer.classes[code] for code in made.predicted]
    assert request(made.X) == called


def request(X: pd.DataFrame) -> list[str]:
    """The classes that ``mlflow models serve`` answers to one request."""
    served = mlflow.pyfunc.load_model("models:/m@champion")
    body = json.dumps({"dataframe_split": X.to_dict("split", index=False)})
    answer = scoring_server.invocations(body, "application/json", served, served.metadata.get_input_schema())
    assert answer.status == 200
    return [row["predicted"] for row in json.loads(answer.response)["predictions"]]


if LONG:  # 18 servers

    @pytest.mark.parametrize(("calibration", "threshold"), LIVE)
    @pytest.mark.parametrize("model", MODELS)
    def test_a_live_server_answers_as_the_run(
        project: Path, tables_at: Path, model: str, calibration: str, threshold: str
    ) -> None:
        _, made = registered(
            tables_at, f"model={model}", f"calibration={calibration}", f"threshold={threshold}"
        )
        with serving(project, "models:/m@champion", MLFLOW_ALLOW_PICKLE_DESERIALIZATION="false") as url:
            status, said = post(url, made.X.to_dict("list"))
        called = [str(made.metadata["classes"][code]) for code in made.predicted]  # type: ignore[index]
        assert (status, [row["predicted"] for row in said["predictions"]]) == (200, called)
