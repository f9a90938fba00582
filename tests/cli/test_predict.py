"""predict: from a trained model to a scored table of another dialect, and a live server."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from commands import run_command
from given import limma_table, one_line
from mlflow_server import mlflow_models, post, serving

pytestmark = pytest.mark.slow

MODEL = "model_uri=models:/limma-direction@champion"
SMALL = [
    "data=table",
    "data.path=limma.csv",
    "experiment=smoke",
    "features=list",
    "features.columns=[t,P.Value]",
]


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a registered champion on the features t and P.Value."""
    folder = tmp_path_factory.mktemp("predict")
    limma_table().to_csv(folder / "limma.csv", index=False)
    for done in (run_command(folder, *SMALL), run_command(folder, "gate.leak=warn", command="register")):
        assert done.returncode == 0, done.stderr
    return folder


def deseq2(genes: int = 40) -> pd.DataFrame:
    limma = limma_table(genes, seed=3)
    return pd.DataFrame(
        {
            "gene_id": limma["ID"], "baseMean": 2 ** limma["AveExpr"], "log2FoldChange": limma["logFC"],
            "lfcSE": limma["logFC"] / limma["t"], "stat": limma["t"], "pvalue": limma["P.Value"],
            "padj": limma["adj.P.Val"],
        }
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "xlsx"])
def test_a_table_of_another_dialect_is_scored_in_order(registered: Path, ending: str) -> None:
    table = deseq2().astype({"stat": object})
    table.loc[3, "gene_id"] = "=cmd()"
    table.loc[4, "gene_id"] = "NA"
    table.loc[5, "stat"] = np.nan
    table.loc[6, "stat"] = "high"
    table.loc[7, "stat"] = 1e6
    table.loc[8, "stat"] = "inf"
    table.to_csv(registered / "new.tsv", sep="\t", index=False)
    done = run_command(
        registered, MODEL, "data.path=new.tsv", f"out=o.{ending}", "chunk=7", command="predict"
    )
    assert done.returncode == 0, done.stderr
    reader = {"csv": pd.read_csv, "tsv": pd.read_table, "parquet": pd.read_parquet, "xlsx": pd.read_excel}
    strict = {} if ending == "parquet" else {"keep_default_na": False, "na_values": {"t": [""]}}
    out = reader[ending](registered / f"o.{ending}", **strict)
    assert [str(g).removeprefix("'") for g in out["gene"]] == list(table["gene_id"])
    assert {"predicted", "probability_down", "probability_up", "t", "P.Value"} <= set(out)
    broken = [5, 6, 8]
    assert list(out.index[out["reason"] == "no finite number in t"]) == broken
    assert (out["reason"].drop(index=broken) == "").all() and (out["predicted"][broken] == "").all()
    assert out["outside_range"].iloc[7] == "t"
    scored = out.drop(index=broken)
    agree = np.mean((scored["predicted"] == "up") == (table.drop(index=broken)["log2FoldChange"] > 0))
    assert agree > 0.9
    assert np.allclose(scored["probability_up"].astype(float) + scored["probability_down"].astype(float), 1)
    outside = int(out["outside_range"].eq("t").sum())
    assert "37 of 40 rows" in done.stdout and "3 (no finite number in t)" in done.stdout
    assert "as the model gives them, not calibrated" in done.stdout
    assert f"{outside} rows lie outside the range of the training data: t {outside}" in done.stdout


WRONG = {
    "no such model": (
        ["model_uri=models:/limma-direction@nope"],
        "there are models:/limma-direction@champion",
    ),
    "a missing column": ([MODEL, "data.path=short.csv"], "it has no t, which limma-direction@champion"),
    "another ending": ([MODEL, "out=o.doc"], "the ending must be one of"),
    "no model": (["model_uri="], "model_uri=: must not be empty"),
    "no such run": (["model_uri=runs:/nope/m"], "model_uri=runs:/nope/m: not found"),
    "the table itself": ([MODEL, "out=limma.csv"], "is the table itself, which would be lost"),
    "no such folder": ([MODEL, "out=there/never.csv"], "there is no folder there"),
    "no rows": ([MODEL, "data.path=empty.csv"], "a header and no rows"),
    "no store": ([MODEL, "tracking=none"], "a model comes from a store"),
    "a chunk of none": ([MODEL, "chunk=0"], "chunk=0"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_scored_is_one_line_and_no_file(registered: Path, case: str) -> None:
    arguments, said = WRONG[case]
    limma_table(20)[["ID", "logFC", "P.Value"]].to_csv(registered / "short.csv", index=False)
    limma_table(0).to_csv(registered / "empty.csv", index=False)
    given = {"data.path": "limma.csv", "out": "never.csv"} | dict(a.split("=", 1) for a in arguments)
    done = run_command(registered, *(f"{k}={v}" for k, v in given.items()), command="predict")
    assert done.returncode == 2
    assert said in one_line(done.stderr)
    assert not list(registered.glob("*never*"))


def test_a_model_is_found_by_its_run_and_by_its_folder_and_answers_alike(registered: Path) -> None:
    (folder,) = (
        file.parent for file in registered.glob("mlruns/**/MLmodel") if '"name": "t"' in file.read_text()
    )
    run = yaml.safe_load((folder / "MLmodel").read_text())["run_id"]
    for number, uri in enumerate(
        [MODEL, f"model_uri=runs:/{run}/logistic_regression", f"model_uri={folder}"]
    ):
        done = run_command(registered, uri, "data.path=limma.csv", f"out=same{number}.csv", command="predict")
        assert done.returncode == 0, done.stderr
    first, *others = (file.read_bytes() for file in sorted(registered.glob("same*.csv")))
    assert len(others) == 2 and all(other == first for other in others)


def called(answer: str) -> list[str]:
    """The classes in an answer of MLflow's; each has probabilities that sum to 1."""
    rows = json.loads(answer)["predictions"]
    assert all(row["probability_up"] + row["probability_down"] == pytest.approx(1) for row in rows)
    return [row["predicted"] for row in rows]


@pytest.mark.serve
def test_mlflow_models_predict_scores_a_file(registered: Path) -> None:
    pd.DataFrame({"t": [9.0, -9.0], "P.Value": [1e-4, 1e-4]}).to_csv(registered / "in.csv", index=False)
    command, environment = mlflow_models(
        "predict", "-m", "models:/limma-direction@champion", "-i", "in.csv", "-t", "csv", "-o", "answer.json"
    )
    subprocess.run(command, cwd=registered, env=environment, check=True, capture_output=True, timeout=240)
    assert called((registered / "answer.json").read_text()) == ["up", "down"]


@pytest.fixture(scope="module", params=["true", "false"])
def server(registered: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """``mlflow models serve`` of the champion, where MLflow may unpickle models and where it may not."""
    with serving(
        registered, "models:/limma-direction@champion", MLFLOW_ALLOW_PICKLE_DESERIALIZATION=request.param
    ) as url:
        yield url


@pytest.mark.serve
def test_a_live_server_answers_and_refuses(server: str) -> None:
    status, said = post(server, {"t": [9.0, -9.0], "P.Value": [1e-4, 1e-4]})
    assert status == 200 and called(json.dumps(said)) == ["up", "down"]
    status, said = post(server, {"t": [9.0]})
    assert status == 400 and "P.Value" in json.dumps(said)
    status, said = post(server, {"t": ["high"], "P.Value": [0.5]})
    assert status == 400 and "t" in json.dumps(said)
