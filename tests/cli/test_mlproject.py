"""``mlflow run .``: typed parameters become overrides, and the run that MLflow made is the parent."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
import yaml
from hydra import compose, initialize_config_dir

from dge_experiments.settings import conf_folder
from given import REPOSITORY, limma_table

pytestmark = pytest.mark.slow

PROJECT = yaml.safe_load((REPOSITORY / "MLproject").read_text())
CONFIG = {
    "main": "config",
    "benchmark": "config",
    "replication": "config",
    "compare": "compare",
    "register": "register",
    "predict": "predict",
}


def test_the_entry_points_are_there() -> None:
    assert set(PROJECT["entry_points"]) == set(CONFIG)
    assert (REPOSITORY / PROJECT["python_env"]).is_file()


@pytest.mark.parametrize("entry", CONFIG)
def test_every_parameter_becomes_an_override_that_composes(entry: str) -> None:
    point = PROJECT["entry_points"][entry]
    for name in point["parameters"]:
        assert f"{{{name}}}" in point["command"]
    values = {k: str(v.get("default", "x")) for k, v in point["parameters"].items()}
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        compose(CONFIG[entry], ["sweep_id=t"] * (CONFIG[entry] == "config") + typed(entry, values))


def typed(entry: str, values: dict[str, str]) -> list[str]:
    """What an entry point types for parameters, as the shell hands it over; MLflow quotes them."""
    quoted = {name: shlex.quote(value) for name, value in values.items()}
    command = PROJECT["entry_points"][entry]["command"].format(**quoted)
    shown = command.replace("python -m dge_experiments", "printf '%s\\n'")
    done = subprocess.run(["bash", "-c", shown], capture_output=True, text=True, check=True)
    return [word for word in done.stdout.splitlines() if "=" in word]


@pytest.mark.parametrize("entry", ["main", "benchmark"])
def test_without_a_path_the_data_preset_says_which_table(entry: str) -> None:
    given = PROJECT["entry_points"][entry]["parameters"]
    values = {name: str(each["default"]) for name, each in given.items()}
    assert not [word for word in typed(entry, values) if word.startswith("data.path")]
    assert "data.path=my file.csv" in typed(entry, {**values, "path": "my file.csv"})


@pytest.mark.parametrize("manager", ["local", pytest.param("uv", marks=pytest.mark.environment)])
def test_mlflow_run_makes_the_parent(tmp_path: Path, manager: str) -> None:
    if manager == "uv" and not os.environ.get("DGE_BUILD_ENVIRONMENT"):
        pytest.skip("builds an environment from a package index; set DGE_BUILD_ENVIRONMENT=1")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTEST_"))}
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    limma_table().to_csv(tmp_path / "t.csv", index=False)
    given = ["data=table", f"path={tmp_path / 't.csv'}", "model=xgboost", "n_trials=2.0", "folds=3", "seed=7"]
    command = [sys.executable, "-m", "mlflow", "run", str(REPOSITORY), f"--env-manager={manager}"]
    command += ["--experiment-name", "by-mlflow", *(word for each in given for word in ("-P", each))]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**clean, "PATH": path, "MLFLOW_TRACKING_URI": uri, "MLFLOW_ENV_ROOT": str(tmp_path / "envs")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    client = mlflow.MlflowClient(uri)
    made = client.get_experiment_by_name("by-mlflow")
    (parent,) = client.search_runs([made.experiment_id], "tags.role = 'model'")
    assert (parent.info.status, parent.data.tags["model"]) == ("FINISHED", "xgboost")
    assert parent.data.tags["mlflow.project.entryPoint"] == "main"
    assert parent.data.params["seed"] == "7" and parent.data.params["columns"].startswith("logFC,")
    assert parent.data.tags["rule"] == "logFC > 0" and not [
        t for t in parent.data.tags if t.startswith("now.")
    ]
    assert len(client.search_runs([made.experiment_id], "tags.role = 'trial'")) == 2
    assert len(client.search_runs([e.experiment_id for e in client.search_experiments()])) == 3
