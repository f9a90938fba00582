"""A password or token that is in an address is in no file, tag, log, process list or line on the terminal."""

import subprocess
import threading
from pathlib import Path

import mlflow
import psutil
import pytest

from commands import Done, run_command
from given import limma_table, one_line
from whole import CLEAN, COMMAND, LONG

pytestmark = pytest.mark.slow

SECRET = "hunter2-Zq9"
ADDRESSES = [
    f"http://ann:{SECRET}@127.0.0.1:9",
    f"https://{SECRET}@127.0.0.1:9",
    f"http://127.0.0.1:9/?token={SECRET}",
    f"http://127.0.0.1:9/x?a=1&api_key=x&access_token={SECRET}",
    f"postgresql://ann:{SECRET}@127.0.0.1:9/db",
    f"postgresql://127.0.0.1:9/db?user=ann&password={SECRET}",
    f"databricks://ann:{SECRET}",
]
COMMANDS = {
    "run": ["data.path=t.csv", "experiment=smoke"],
    "sweep": ["-m", "data.path=t.csv", "experiment=smoke", "model=dummy,lasso"],
    "resume": ["data.path=t.csv", "experiment=smoke", "resume=true"],
    "compare": [],
    "register": [],
    "predict": ["model_uri=models:/m@champion", "data.path=t.csv", "out=o.csv"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    limma_table(80).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path


def nowhere(folder: Path, done: Done) -> None:
    assert SECRET not in done.stdout + done.stderr
    for file in folder.rglob("*"):
        assert SECRET not in file.name
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("name", COMMANDS)
def test_an_address_with_a_secret_in_an_override_is_refused_and_shown_nowhere(
    folder: Path, name: str
) -> None:
    command = name if name in ("compare", "register", "predict") else ""
    for address in ADDRESSES:
        keys = ["tracking.uri", "data.path"] + (["model_uri"] if command == "predict" else [])
        for key in keys:
            done = run_command(folder, *COMMANDS[name], f"{key}={address}", command=command)
            assert done.returncode == 2 and one_line(done.stderr), (key, address)
            nowhere(folder, done)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_address_with_a_secret_in_the_environment_is_shown_nowhere(folder: Path, name: str) -> None:
    command = name if name in ("compare", "register", "predict") else ""
    for address in ADDRESSES[:4]:  # a database is asked for as long as MLflow has patience
        done = run_command(folder, *COMMANDS[name], command=command, MLFLOW_TRACKING_URI=address)
        assert done.returncode == 2 and one_line(done.stderr), address
        nowhere(folder, done)


@pytest.mark.postgres
def test_a_password_of_a_database_that_answers_is_written_nowhere(folder: Path, postgres: str) -> None:
    database = postgres.replace("postgres@", f"postgres:{SECRET}@")  # which it does not ask for
    steps: list[tuple[str, list[str], int]] = [
        ("", [*COMMANDS["run"], "compute.workers=2"], 0),
        ("", [*COMMANDS["sweep"], "seed=3"], 0),
        ("", [*COMMANDS["run"], "seed=4", "+model.estimator.C=-1"], 2),
        ("", COMMANDS["resume"], 0),
        ("compare", [], 0),
        ("register", ["gate.leak=warn", "name=m"], 0),
        ("predict", COMMANDS["predict"], 0),
    ]
    if not LONG:
        steps = [steps[0], steps[2], *steps[5:]]
    for command, arguments, code in steps:
        done = watched(folder, database, *filter(None, [command]), *arguments)
        assert done.returncode == code, (arguments, done.stderr)
        nowhere(folder, done)
    client = mlflow.MlflowClient(database)
    where = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(where)
    assert len(runs) > (5 if LONG else 1)
    shown = [str(each.to_dictionary()) for each in runs]
    shown += [str(each.to_dictionary()) for each in client.search_logged_models(where)]
    shown += [str(dict(each)) for each in client.search_experiments()]
    assert not [text for text in shown if SECRET in text]


def watched(folder: Path, database: str, *arguments: str) -> Done:
    """The command as a process; its command line and those of its children never hold the secret."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env={**CLEAN, "MLFLOW_TRACKING_URI": database}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    seen: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.2):
            try:
                parent = psutil.Process(process.pid)
                for each in [parent, *parent.children(recursive=True)]:
                    seen.add(" ".join(each.cmdline()))
            except psutil.Error:
                continue

    watcher = threading.Thread(target=look)
    watcher.start()
    out, err = process.communicate(timeout=400)
    ended.set()
    watcher.join()
    assert seen and not [line for line in seen if SECRET in line]
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)
