"""The door to new tables: from a trained model to a scored table of another dialect, and a live server."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from given import limma_table, one_line, run_door

MODEL = "model=models:/limma-direction@champion"
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
    for done in (run_door(folder, *SMALL), run_door(folder, door="register")):
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
    table = deseq2()
    table.loc[3, "gene_id"] = "=cmd()"
    table.loc[5, "stat"] = np.nan
    table.loc[7, "stat"] = 1e6
    table.to_csv(registered / "new.tsv", sep="\t", index=False)
    done = run_door(registered, MODEL, "data.path=new.tsv", f"out=o.{ending}", "chunk=7", door="predict")
    assert done.returncode == 0, done.stderr
    reader = {"csv": pd.read_csv, "tsv": pd.read_table, "parquet": pd.read_parquet, "xlsx": pd.read_excel}
    out = reader[ending](registered / f"o.{ending}")
    assert [str(g).removeprefix("'") for g in out["gene"]] == list(table["gene_id"])
    assert {"predicted", "probability_down", "probability_up", "t", "P.Value"} <= set(out)
    assert list(out.index[out["reason"].fillna("") != ""]) == [5]
    assert out["outside_range"].fillna("").iloc[7] == "t"
    scored = out.drop(index=5)
    agree = np.mean((scored["predicted"] == "up") == (table.drop(index=5)["log2FoldChange"] > 0))
    assert agree > 0.9
    outside = int(out["outside_range"].fillna("").eq("t").sum())
    assert "39 of 40 rows" in done.stdout and "t is missing" in done.stdout
    assert f"{outside} rows lie outside the range the model was trained on: t {outside}\n" in done.stdout


WRONG = {
    "no such model": (["model=models:/limma-direction@nope"], "there are models:/limma-direction@champion"),
    "a missing column": ([MODEL, "data.path=short.csv"], "it has no t, which limma-direction@champion"),
    "another ending": ([MODEL, "out=o.doc"], "the ending must be one of"),
    "no model": ([], "model_uri: must be given"),
    "no store": ([MODEL, "tracking=none"], "a model comes from a store"),
    "a chunk of none": ([MODEL, "chunk=0"], "chunk=0"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_scored_is_one_line_and_no_file(registered: Path, case: str) -> None:
    arguments, said = WRONG[case]
    limma_table(20)[["ID", "logFC", "P.Value"]].to_csv(registered / "short.csv", index=False)
    given = {"data.path": "limma.csv", "out": "never.csv"} | dict(a.split("=", 1) for a in arguments)
    done = run_door(registered, *(f"{k}={v}" for k, v in given.items()), door="predict")
    assert done.returncode == 2
    assert said in one_line(done.stderr)
    assert not list(registered.glob("*never*"))


@pytest.fixture(scope="module")
def server(registered: Path) -> Iterator[str]:
    """``mlflow models serve`` of the champion on a free loopback port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/limma-direction@champion"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    with (registered / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)],
            cwd=registered, stdout=log, stderr=log, start_new_session=True, env={**clean, "PATH": path},
        )  # fmt: skip
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2)
                break
            except OSError:
                assert process.poll() is None, (registered / "serve.log").read_text()
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def post(url: str, columns: dict[str, list[object]]) -> tuple[int, dict[str, object]]:
    frame = {"columns": list(columns), "data": [list(row) for row in zip(*columns.values(), strict=True)]}
    request = urllib.request.Request(
        url, json.dumps({"dataframe_split": frame}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.serve
def test_a_live_server_answers_and_refuses(server: str) -> None:
    assert post(server, {"t": [9.0, -9.0], "P.Value": [1e-4, 1e-4]}) == (200, {"predictions": [1, 0]})
    status, said = post(server, {"t": [9.0]})
    assert status == 400 and "P.Value" in json.dumps(said)
    status, said = post(server, {"t": ["high"], "P.Value": [0.5]})
    assert status == 400 and "t" in json.dumps(said)
