"""A team on a real server that asks for a password: two sweeps, compare, register, predict, serve, rollback."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from mlflow.server.auth.client import AuthServiceClient

from commands import run_command
from given import limma_table, one_line
from mlflow_server import CLEAN, Server, cached_auth

pytestmark = pytest.mark.server

QUESTION = "limma-direction"
MODEL = f"model_uri=models:/{QUESTION}@champion"
SMALL = ["-m", "data=table", "data.path=limma.csv", "experiment=smoke", "explanation=none", "features=list"]
ADMIN_PASSWORD = "administrator-of-the-server"


def user(name: str, password: str = "") -> dict[str, str]:
    return {
        "MLFLOW_TRACKING_USERNAME": name,
        "MLFLOW_TRACKING_PASSWORD": password or f"secret-of-{name}",
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with basic auth and allowed hosts: ann and ben have accounts, and may read what others made."""
    folder = tmp_path_factory.mktemp("server")
    started = Server(
        folder, f"sqlite:///{folder / 'mlflow.db'}",
        "--app-name", "basic-auth", "--allowed-hosts", "127.0.0.1:*",
        MLFLOW_FLASK_SERVER_SECRET_KEY="a static key", MLFLOW_AUTH_ADMIN_PASSWORD=ADMIN_PASSWORD,
        **cached_auth(folder),
    )  # fmt: skip
    started.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in user("admin", ADMIN_PASSWORD).items():
                patch.setenv(name, value)
            accounts = AuthServiceClient(started.uri)
            for name in ("ann", "ben"):
                accounts.create_user(name, f"secret-of-{name}")
        yield started
    finally:
        started.kill()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the team works: a limma table, and one that DESeq2 has written."""
    folder = tmp_path_factory.mktemp("team")
    limma_table().to_csv(folder / "limma.csv", index=False)
    new = limma_table(50, seed=5)
    pd.DataFrame(
        {
            "gene": new["ID"], "baseMean": 2 ** new["AveExpr"], "log2FoldChange": new["logFC"],
            "lfcSE": new["logFC"] / new["t"], "stat": new["t"], "pvalue": new["P.Value"], "padj": new["adj.P.Val"],
        }
    ).to_csv(folder / "deseq2.csv", index=False, float_format="%.12g")  # as many digits as R writes  # fmt: skip
    return folder


def work(
    project: Path, server: Server, who: dict[str, str], *arguments: str, command: str = ""
) -> subprocess.CompletedProcess[str]:
    return run_command(
        project, *arguments, "tracking=server", f"tracking.uri={server.uri}", command=command, **who
    )


def done(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def champions(project: Path, server: Server) -> list[str]:
    """What ann's two sweeps, each with its best model registered, have said."""
    said = []
    for columns in ("[AveExpr,B]", "[t,P.Value]"):
        said.append(done(work(project, server, user("ann"), *SMALL, f"features.columns={columns}",
                              "model=logistic_regression,lasso")))  # fmt: skip
        said.append(
            done(work(project, server, user("ann"), "gate.dummy=false", "gate.leak=warn", command="register"))
        )
    return said


def champion(server: Server) -> str:
    """Version of the champion, by the server's own REST API."""
    where = f"{server.uri}/api/2.0/mlflow/registered-models/alias?name={QUESTION}&alias=champion"
    with pytest.MonkeyPatch.context():
        manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
        manager.add_password(None, server.uri, "ann", "secret-of-ann", is_authenticated=True)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
        return str(json.load(opener.open(where))["model_version"]["version"])


def test_two_sweeps_end_with_a_leaderboard_each_and_leave_nothing_here(
    project: Path, server: Server, champions: list[str]
) -> None:
    for said in champions[::2]:
        assert f"{server.uri}/#/experiments/" in said and "lasso" in said
    assert not (project / "mlflow.db").exists() and not (project / "mlruns").exists()


def test_a_colleague_compares_them(project: Path, server: Server, champions: list[str]) -> None:
    said = done(work(project, server, user("ben"), f"question={QUESTION}", command="compare"))
    assert "logistic regression" in said and "LASSO" in said


def test_the_better_model_is_the_champion(server: Server, champions: list[str]) -> None:
    assert f"models:/{QUESTION}@champion" in champions[1] and f"models:/{QUESTION}@champion" in champions[3]
    assert champion(server) == "2"


def test_a_colleague_scores_a_table_of_another_dialect(
    project: Path, server: Server, champions: list[str]
) -> None:
    said = done(
        work(project, server, user("ben"), MODEL, "data.path=deseq2.csv", "out=o.csv", command="predict")
    )
    assert "read as deseq2" in said and "50 of 50 rows" in said
    out, truth = pd.read_csv(project / "o.csv"), pd.read_csv(project / "deseq2.csv")
    assert list(out["gene"]) == list(truth["gene"])
    assert ((out["predicted"] == "up") == (truth["log2FoldChange"] > 0)).mean() > 0.9


@pytest.mark.serve
def test_mlflow_models_predict_fetches_the_champion_with_a_password(
    project: Path, server: Server, champions: list[str]
) -> None:
    pd.DataFrame({"t": [9.0, -9.0], "P.Value": [1e-4, 1e-4]}).to_csv(project / "in.csv", index=False)
    command = [sys.executable, "-m", "mlflow", "models", "predict", "-m", f"models:/{QUESTION}@champion"]
    command += ["-i", "in.csv", "-t", "csv", "-o", "answer.json", "--env-manager", "local"]
    path = {"PATH": f"{Path(sys.executable).parent}:{CLEAN['PATH']}"}
    environment = {**CLEAN, **path, **user("ben"), "MLFLOW_TRACKING_URI": server.uri}
    subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, timeout=240)
    answers = json.loads((project / "answer.json").read_text())["predictions"]
    assert [answer["predicted"] for answer in answers] == ["up", "down"]


REFUSED = {
    "a wrong password": (user("ann", "guessed"), "does not know user ann with this password"),
    "no password": ({}, "asks for a password; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_who_has_no_account_gets_one_line(project: Path, server: Server, case: str) -> None:
    who, said = REFUSED[case]
    result = work(project, server, who, "rollback=true", f"name={QUESTION}", command="register")
    assert result.returncode == 2
    line = one_line(result.stderr)
    assert said in line and server.uri in line and "guessed" not in line


def test_who_may_only_read_cannot_crown(project: Path, server: Server, champions: list[str]) -> None:
    result = work(project, server, user("ben"), "rollback=true", f"name={QUESTION}", command="register")
    assert result.returncode == 2
    assert "does not let user ben do this (Permission denied)" in one_line(result.stderr)
    assert champion(server) == "2"


def test_who_may_only_read_cannot_add_a_run(project: Path, server: Server, champions: list[str]) -> None:
    result = work(project, server, user("ben"), *SMALL[1:], "features.columns=[t]")
    assert result.returncode == 2
    assert "does not let user ben do this" in one_line(result.stderr)


def test_another_host_name_is_not_served(server: Server) -> None:
    request = urllib.request.Request(
        f"{server.uri}/api/2.0/mlflow/experiments/search", headers={"Host": "evil"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_the_previous_champion_comes_back(project: Path, server: Server, champions: list[str]) -> None:
    said = done(work(project, server, user("ann"), "rollback=true", f"name={QUESTION}", command="register"))
    assert "version 1 is champion again" in said
    assert champion(server) == "1"
    short = work(project, server, user("ben"), MODEL, "data.path=deseq2.csv", "out=o2.csv", command="predict")
    assert short.returncode == 2
    assert "read as deseq2, it has no B" in one_line(short.stderr)


def test_no_password_is_written_anywhere(project: Path, server: Server, champions: list[str]) -> None:
    files = [f for folder in (project, server.folder) for f in folder.rglob("*") if f.is_file()]
    assert len(files) > 50
    for file in files:
        content = file.read_bytes()
        assert b"secret-of-" not in content and ADMIN_PASSWORD.encode() not in content, file
