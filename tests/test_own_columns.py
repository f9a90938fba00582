"""One's own columns as features, from a run to a prediction: audited, in the signature, asked for."""

import json
import re
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server

import dge_experiments as dge
from commands import run_command
from dge_experiments.experiment.plan import prepare
from dge_experiments.settings.estimator import estimator
from dge_experiments.tracking.tags import own_tags
from given import REPOSITORY, limma_table, settings

SMALL = ["model=logistic_regression", "experiment=smoke", "explanation=none", "compute.workers=1"]


def write(folder: Path) -> pd.DataFrame:
    """150 genes: `kind` is read off `length`, and `copy` is logFC by another name."""
    table = limma_table(150)
    rng = np.random.default_rng(3)
    table["length"] = rng.permutation(150) + 200.0
    table["copy"] = 3 * table["logFC"] + 1
    table["kind"] = np.where(table["length"] + rng.normal(0, 25, 150) > 275, "long", "short")
    table.to_csv(folder / "t.csv", index=False)
    return table


def test_a_column_that_says_something_is_used_signed_and_asked_for(project: Path) -> None:
    table = write(project)
    kind = ["data.path=t.csv", "target=column", "target.column=kind", *SMALL]
    without = dge.run(*kind, "out=without")
    made = dge.run(
        *kind, "features.extra=[length]", "out=with", "data.filter=length > 190 and `P.Value` <= 1"
    )
    blind, seeing = (each.result.given.test.scores["roc_auc"] for each in (without, made))
    assert seeing > 0.85 > blind
    assert made.result.plan.problem.table.digest == without.result.plan.problem.table.digest
    model = dge.load(made.sink.links(made.result)["model"])
    assert model.scorer.features[-1] == "length" and model.scorer.extra == ("length",)
    table.drop(columns="length").to_csv("new.csv", index=False)
    with pytest.raises(dge.BadInput, match=r"has no length, .* features.join=FILE"):
        model.predict("new.csv")
    table[["ID", "length"]].iloc[:100].to_csv("lengths.csv", index=False)
    here, joined = model.predict("t.csv"), model.predict("new.csv", join="lengths.csv")
    assert joined["predicted"].tolist() == here["predicted"].tolist()[:100] + [""] * 50
    assert set(joined["reason"][100:]) == {"no finite number in length"}


def test_a_column_of_ones_own_is_audited_as_any_other(project: Path) -> None:
    write(project)
    asked = ["data.path=t.csv", "features.extra=[copy,length]", *SMALL, "tracking=none"]
    problem = plan(*asked).problem
    assert problem.audit.tier("copy")[0] in ("encodes_label", "defines_label")
    assert "copy" in problem.withheld and "length" in problem.honest
    assert "copy" not in plan(*asked, "features=honest").problem.X


def test_own_columns_join_whatever_features_are_chosen_and_stay_as_they_are(project: Path) -> None:
    table = write(project)
    asked = ["data.path=t.csv", "features.extra=[length]"]
    listed = plan(*asked, "features=list", "features.columns=[B]")
    assert list(listed.problem.X) == ["B", "length"]
    sized = plan(*asked, "features=magnitudes")
    step = sized.pipeline[0].fit(sized.problem.X)
    assert step.transform(sized.problem.X)[:, -1].tolist() == table["length"].tolist()
    grouped = plan(*asked, "split=grouped")
    assert list(grouped.problem.X)[-1] == "length"


def test_the_second_study_needs_no_such_column_and_an_external_table_does(project: Path) -> None:
    table = write(project)
    table.drop(columns="length").to_csv("second.csv", index=False)
    asked = ["data.path=t.csv", "features.extra=[length]"]
    replication = ["target=replication", "target.path=second.csv", "target.alpha=0.3"]
    assert "length" in plan(*asked, *replication).problem.X
    with pytest.raises(dge.BadInput, match="no column 'length' for features.extra"):
        plan(*asked, "evaluation.external=[second.csv]")
    table[["ID", "length"]].rename(columns={"length": "bp"}).to_csv("bp.csv", index=False)
    joined = plan(
        "data.path=t.csv", "features.extra=[bp]", "features.join=bp.csv", "evaluation.external=[second.csv]"
    )
    assert joined.externals[0].X["bp"].tolist() == table["length"].tolist()


@pytest.mark.parametrize("target", ["direction", "regulation"])
def test_mlflow_serves_a_model_that_reads_ones_own_columns(project: Path, target: str) -> None:
    table = write(project).rename(columns={"length": "gene length"})
    table.to_csv("t.csv", index=False)
    three = ["target.lfc=0.5", "target.fdr=0.3"] * (target == "regulation")
    asked = ["data.path=t.csv", f"target={target}", *three, "features.extra=[gene length]", "features=honest"]
    made = dge.run(*asked, *SMALL)
    served = mlflow.pyfunc.load_model(made.sink.links(made.result)["model"])
    X = made.result.plan.problem.X.iloc[made.result.plan.problem.split.test]
    assert "gene length" in X
    status, answer = asked_of(served, frame(X))
    classes = made.result.plan.problem.labels.classes
    rows = json.loads(answer)["predictions"]
    assert status == 200 and len(classes) == 2 + (target == "regulation")
    assert [row["predicted"] for row in rows] == made.predictions["predicted"].tolist()
    for row in rows:
        assert sum(row[f"probability_{name}"] for name in classes) == pytest.approx(1)
    rows = json.loads(asked_of(served, frame(X.assign(**{"gene length": np.nan})))[1])["predictions"]
    assert {row["reason"] for row in rows} == {"no finite number in gene length"}
    assert rows[0]["predicted"] == "" and rows[0][f"probability_{classes[0]}"] is None
    with pytest.raises(MlflowException, match="gene length"):
        asked_of(served, frame(X.drop(columns="gene length")))


def test_the_documented_request_is_answered_as_documented(project: Path) -> None:
    page = (REPOSITORY / "docs/predict.md").read_text()
    (port,) = set(re.findall(r"(?:--port |127\.0\.0\.1:)(\d+)", page))
    assert port != "5000"  # of mlflow ui
    write(project)
    made = dge.run("data.path=t.csv", *SMALL, "features=honest")
    served = mlflow.pyfunc.load_model(made.sink.links(made.result)["model"])
    status, answer = asked_of(served, re.findall(r"-d '(\{.*\})'", page)[0])
    documented = json.loads(re.findall(r"(\{\"predictions\".*\})", page)[0])
    (row,), (shown,) = json.loads(answer)["predictions"], documented["predictions"]
    assert status == 200 and list(row) == list(shown)


def frame(X: pd.DataFrame) -> str:
    return json.dumps({"dataframe_split": json.loads(X.to_json(orient="split", index=False))})


def asked_of(served: mlflow.pyfunc.PyFuncModel, body: str) -> tuple[int, str]:
    """Status and body that ``mlflow models serve`` answers to one request."""
    said = scoring_server.invocations(body, "application/json", served, served.metadata.get_input_schema())
    return said.status, said.response


def test_a_sweep_over_ones_own_columns_tells_its_runs_apart(project: Path) -> None:
    write(project)
    sweep = ["-m", "data.path=t.csv", "features.extra=[length],[length,copy]", "model=lasso,svm", *SMALL[1:]]
    done = run_command(project, *sweep, "search=none")
    assert done.returncode == 0, done.stderr
    for name in ("LASSO, features.extra=length, copy", "SVM, features.extra=length"):
        assert name in done.stdout
    runs = mlflow.search_runs(experiment_names=["t-direction"], filter_string="tags.role = 'model'")
    assert sorted(set(runs["tags.features"])) == ["all+length", "all+length+copy"] and len(runs) == 4
    assert set(runs["params.features.extra"]) == {"length", "length, copy"}


def test_a_run_with_other_values_is_not_resumed(project: Path) -> None:
    table = write(project)
    asked = ["data.path=t.csv", "features.extra=[length]"]
    before = own_tags(settings(*asked), plan(*asked), "")["config_hash"]
    table.assign(length=table["length"] + 1).to_csv("t.csv", index=False)
    assert own_tags(settings(*asked), plan(*asked), "")["config_hash"] != before


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            ["features.columns=[length]"],
            r"'length' is a further column of t.csv.* add features.extra=\[length\]",
        ),
        (["features.join=t.csv"], "name the columns to take from it"),
        (["data.columns.effect=copy", "features.extra=[copy]"], "'copy' is read as logFC"),
    ],
)
def test_what_cannot_be_a_feature_is_said(project: Path, asked: list[str], says: str) -> None:
    write(project)
    with pytest.raises(dge.BadInput, match=says):
        plan("data.path=t.csv", *asked)


def plan(*overrides: str):  # type: ignore[no-untyped-def]
    chosen = settings(*overrides)
    return prepare(chosen, estimator(chosen.model))
