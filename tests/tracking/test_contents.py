"""What a run holds in the store: parameters to search by, few metrics, artifacts that say something."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from sklearn.base import BaseEstimator
from sklearn.ensemble import BaggingClassifier
from sklearn.tree import DecisionTreeClassifier

import contents
import dge_experiments as dge
from dge_experiments.evaluation.contrast import contrast
from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.report.metrics import logged, metrics, numbers, table
from dge_experiments.report.parameters import LONGEST, parameters
from dge_experiments.tracking import parents
from given import limma_table

SMALL = ["data.path=t.csv", "split.folds=2", "compute.workers=1", "search.batch=2", "search.n_trials=2"]
WHOLE = [
    "evaluation=nested",
    "evaluation.outer_folds=2",
    "evaluation.permutations=19",
    "search.scoring=f1_macro",
]
CASES = {
    "forest": ["model=random_forest", "explanation=full", "calibration=beta"],
    "every option": ["model=xgboost", "explanation=none", *WHOLE],
    "clean": ["model=lasso", "features=honest", "explanation=none"],
    "three classes": ["model=xgboost", "target=regulation", "target.lfc=0.5", "target.fdr=0.3", "explanation=brief"],
    "replication": ["model=ranking", "target=replication", "target.path=second.csv", "target.alpha=0.3"],
    "further tables": ["model=svm", "search=none", "explanation=none", "evaluation.external=[second.csv]"],
}  # fmt: skip
Case = tuple[dge.Experiment, Run, list[Run]]


@pytest.fixture(scope="module")
def cases(ready_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Case]]:
    """One run of each case in one store: the run, its parent in the store, its children."""
    folder = tmp_path_factory.mktemp("contents")
    (folder / "mlflow.db").write_bytes((ready_store / "mlflow.db").read_bytes())
    first = limma_table(120, seed=1)
    first.to_csv(folder / "t.csv", index=False)
    noise = np.random.default_rng(2).normal(size=120) / 2
    first.assign(logFC=first["logFC"] + noise).to_csv(folder / "second.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
        made = {name: dge.run(*SMALL, *more, f"out={name}") for name, more in CASES.items()}
        client, found = MlflowClient(), {}
        for name, experiment in made.items():
            run = client.get_run(experiment.run_id)
            query = f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
            found[name] = (experiment, run, list(client.search_runs([run.info.experiment_id], query)))
        yield found


@pytest.mark.parametrize("case", CASES)
def test_parent_and_children_have_every_parameter_of_the_estimator(
    cases: Mapping[str, Case], case: str
) -> None:
    experiment, run, children = cases[case]
    contents.parameters_are_whole(run, children, experiment.result)


def test_runs_are_found_by_a_default_without_knowing_this_package(cases: Mapping[str, Case]) -> None:
    _, run, children = cases["forest"]
    found = mlflow.search_runs([run.info.experiment_id], "params.criterion = 'gini'")
    assert set(found["run_id"]) == {each.info.run_id for each in (run, *children)}
    assert run.data.params["max_features"] == "sqrt" and "class_weight" not in run.data.params
    _, of_three, trials = cases["three classes"]
    assert {each.data.params["objective"] for each in (of_three, *trials)} == {"multi:softprob"}


def test_a_parameter_is_written_by_its_name_whatever_it_is() -> None:
    inner = DecisionTreeClassifier(max_depth=3)
    found = parameters(BaggingClassifier(inner, n_estimators=7, max_samples=0.5))
    assert found["n_estimators"] == "7" and found["max_samples"] == "0.5" and found["bootstrap"] == "true"
    assert (
        found["estimator__max_depth"] == "3" and found["estimator"] == "DecisionTreeClassifier(max_depth=3)"
    )

    class Odd(BaseEstimator):
        def get_params(self, deep: bool = True) -> dict[str, object]:
            return {"weights": np.zeros(5000), "a[b": 1, "missing": np.nan, "unset": None}

    odd = parameters(Odd())
    assert set(odd) == {"weights", "missing"} and len(odd["weights"]) <= LONGEST and odd["missing"] == "NaN"


@pytest.mark.parametrize("case", CASES)
def test_metrics_can_be_scanned_and_none_is_lost(cases: Mapping[str, Case], case: str) -> None:
    experiment, run, _ = cases[case]
    contents.metrics_can_be_scanned(run, case == "further tables")
    scoring = experiment.result.settings.search.scoring
    read = {str(Key(scoring, *where)) for where in (("bbc",), ("cv",), ("test",), ("test", "baseline"))}
    assert {*read, f"cv/{scoring}_std", "fit_seconds"} <= set(run.data.metrics)
    every = {name: value for name, value in metrics(experiment.result).items() if np.isfinite(value)}
    assert parents.row(MlflowClient(), run, {}, 0.0).metrics == every


@pytest.mark.parametrize("case", CASES)
def test_artifacts_say_something_once(cases: Mapping[str, Case], case: str) -> None:
    contents.artifacts_say_something_once(cases[case][1])


def test_numbers_are_a_table_and_come_back(tmp_path: Path) -> None:
    values = {"fit_seconds": 1.0, "honest/test/mcc": 1 / 3, "honest/test/mcc_low": -0.25, "cv/f1_macro_std": 1e-17,
              "luck/hits/opposite_expected": 3.0, "test/up/recall_high": 1.0, "ranking/t/cv/roc_auc": 0.7}  # fmt: skip
    table(values).to_csv(tmp_path / "m.csv", index=False)
    assert (
        numbers(pd.read_csv(tmp_path / "m.csv", keep_default_na=False, float_precision="round_trip"))
        == values
    )
    assert len(table(values)) == 6
    assert set(logged(values, "mcc")) == {"fit_seconds", "honest/test/mcc", "honest/test/mcc_low"}
    assert set(logged(values, "roc_auc")) == {"fit_seconds", "honest/test/mcc"}


def test_defaults_that_only_one_model_has_are_no_difference_between_two_runs() -> None:
    space = {"model.space.C": "{}"}
    one = RunRow(
        "a", "svm", "mcc", {}, {}, settings=space, parameters={"C": "1", "kernel": "rbf", "python": "3.11"}
    )
    other = RunRow("b", "lasso", "mcc", {}, {}, parameters={"solver": "saga", "python": "3.12"})
    assert contrast(one, other).settings["what"].tolist() == ["model", "model.space.C", "C", "python"]
    same = contrast(
        one, RunRow("c", "svm", "mcc", {}, {}, settings=space, parameters={"C": "1", "kernel": "poly"})
    )
    assert same.settings["what"].tolist() == ["kernel", "python"]
