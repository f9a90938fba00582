"""The main command as a user meets it, in a fresh directory, with MLflow's own default store."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import mlflow
import pytest

from commands import run_command
from dge_experiments.tracking.tags import latest
from given import limma_table, one_line

pytestmark = pytest.mark.slow

FIVE = "random_forest,logistic_regression,lasso,svm,xgboost"


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A directory in which all five models ran with one command, and what it said."""
    folder = tmp_path_factory.mktemp("sweep")
    limma_table().to_csv(folder / "limma.tsv", index=False, sep="\t")
    small = ["data=table", "data.path=limma.tsv", "search.n_trials=2", "split.folds=3", "explanation=brief"]
    done = run_command(folder, "-m", *small, f"model={FIVE}")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def client(folder: Path) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")


def runs(folder: Path, role: str, experiment: str = "limma-direction") -> list[mlflow.entities.Run]:
    found = client(folder).get_experiment_by_name(experiment)
    return list(client(folder).search_runs([found.experiment_id], f"tags.role = '{role}'"))


def test_a_sweep_shares_one_id_and_ends_with_a_leaderboard(swept: tuple[Path, str]) -> None:
    folder, said = swept
    models = runs(folder, "model")
    assert sorted(r.data.tags["model"] for r in models) == sorted(FIVE.split(","))
    assert len({r.data.tags["sweep_id"] for r in models}) == 1
    assert len(runs(folder, "trial")) == 10
    board = said.split("Leaderboard")[1]
    assert all(
        model in board for model in ("random forest", "logistic regression", "LASSO", "SVM", "XGBoost")
    )
    assert "constant answer" in board and "LEAK" in board and "Honest" in board
    (leaderboard,) = runs(folder, "leaderboard")
    note = leaderboard.data.tags["mlflow.note.content"]
    assert note.startswith("**LEAK") and "| model | bias-corrected CV accuracy |" in note
    assert f"runs/{leaderboard.info.run_id}/artifacts/report.html)" in note
    stored = Path(mlflow.artifacts.download_artifacts(
        run_id=leaderboard.info.run_id, tracking_uri=f"sqlite:///{folder / 'mlflow.db'}"
    ))  # fmt: skip
    assert {
        "leaderboard.csv",
        "report.html",
        "comparison.csv",
        "comparison_honest.csv",
    } <= {f.name for f in stored.iterdir()}


def test_what_is_said_is_what_is_stored(swept: tuple[Path, str]) -> None:
    folder, said = swept
    for run in runs(folder, "model"):
        assert run.info.run_id in said
        assert all(f"models:/{output.model_id}" in said for output in run.outputs.model_outputs)
    assert "mlflow ui" in said
    tags = client(folder).get_experiment_by_name("limma-direction").tags
    for key in re.findall(r"viewStateShareKey=([\w-]+)", said):
        view = json.loads(tags[f"mlflow.sharedViewState.{key}"])
        assert view["state"].startswith("deflate;")


def test_everything_lies_where_plain_mlflow_ui_looks(swept: tuple[Path, str]) -> None:
    folder, _ = swept
    assert {f.name for f in folder.iterdir()} <= {
        "mlflow.db", "mlflow.db.lock", "mlruns", "outputs", "limma.tsv",
    }  # fmt: skip
    assert all(str(folder / "mlruns") in r.info.artifact_uri for r in runs(folder, "model"))


def test_register_takes_the_best_and_says_where_it_is(swept: tuple[Path, str]) -> None:
    folder, _ = swept
    done = run_command(folder, "gate.leak=warn", command="register")
    assert done.returncode == 0, done.stderr
    version = client(folder).get_model_version_by_alias("limma-direction", "champion")
    metric = version.tags["metric"]
    score = client(folder).get_run(version.run_id).data.metrics[metric]
    assert score == max(r.data.metrics[metric] for r in runs(folder, "model"))
    assert "models:/limma-direction@champion" in done.stdout
    assert "logFC" in done.stdout
    assert run_command(folder, "metric=nope", command="register").returncode == 2


def test_without_tracking_nothing_is_written_and_mlflow_is_not_imported(table_file: Path) -> None:
    script = (
        "import sys; sys.argv = ['x', 'experiment=smoke', 'data=table', 'data.path=limma.csv', 'tracking=none']\n"
        "from dge_experiments.__main__ import main\nmain()\nassert 'mlflow' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=table_file.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "constant answer" in done.stdout and "balanced accuracy" in done.stdout
    assert {f.name for f in table_file.parent.iterdir()} == {"limma.csv", "outputs"}


def test_the_same_seed_gives_the_same_numbers_on_one_and_two_processes(table_file: Path) -> None:
    common = ["data=table", "data.path=limma.csv", "model=xgboost", "search.n_trials=4", "tracking=none"]
    common.append("explanation=none")
    one, two = (run_command(table_file.parent, *common, f"compute.workers={n}").stdout for n in (1, 2))
    one, two = (re.sub(r"\d+\.\d s", "", said.split("  report ")[0]) for said in (one, two))
    assert "best " in one
    assert one == two


STOPS = {"ctrl-c": [signal.SIGINT], "ctrl-c twice": [signal.SIGINT] * 2, "sigterm": [signal.SIGTERM]}


@pytest.mark.parametrize("stop", STOPS)
def test_a_stopped_search_is_killed_keeps_its_trials_and_goes_on(table_file: Path, stop: str) -> None:
    folder = table_file.parent
    arguments = ["data=table", "data.path=limma.csv", "search.batch=4", "compute.workers=2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "dge_experiments", *arguments, "search.n_trials=5000"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.time() + 90
    while time.time() < deadline and not _trials(folder):
        time.sleep(0.5)
    for one in STOPS[stop]:
        os.killpg(process.pid, one) if one == signal.SIGINT else process.send_signal(one)
        time.sleep(0.3)
    stdout, stderr = process.communicate(timeout=60)
    late = (
        {-signal.SIGINT} if stop == "ctrl-c twice" else set()
    )  # the second one met a process that was leaving
    assert process.returncode in {143 if stop == "sigterm" else 130, *late}
    assert "Traceback" not in stderr
    (parent,) = runs(folder, "model")
    assert parent.info.status == "KILLED"
    assert parent.data.params["search.n_trials"] == "5000" and parent.data.params["split.folds"] == "5"
    kept = runs(folder, "trial")
    assert kept and {r.info.status for r in kept} <= {"FINISHED", "RUNNING"}
    finished = [r for r in kept if r.info.status == "FINISHED"]
    assert f"resume={parent.info.run_id}" in stdout
    if stop == "ctrl-c":
        assert "Ctrl-C again stops at once" in stderr
        assert len(finished) % 4 == 0
        assert f"stopped after {len(finished)} of 5000 trials" in stdout
        best = max(r.data.metrics["cv/accuracy"] for r in finished)
        assert parent.data.metrics["cv/accuracy"] == best
    total = max(int(r.data.tags["trial"]) for r in finished) + 2
    done = run_command(folder, *arguments, f"search.n_trials={total}", "resume=true")
    assert done.returncode == 0, done.stderr
    assert f"{parent.info.run_id}, {len(finished)} trials are there already" in done.stdout
    (again,) = runs(folder, "model")
    assert (latest(again)["search.n_trials"], latest(again)["trials"]) == (str(total), str(total))
    assert (again.info.run_id, again.info.status) == (parent.info.run_id, "FINISHED")
    assert len([r for r in runs(folder, "trial") if r.info.status == "FINISHED"]) == total


def _trials(folder: Path) -> bool:
    """Whether a trial is written, read without MLflow: a client of ours would make the store itself."""
    ended = "select 1 from runs r join tags t on t.run_uuid = r.run_uuid "
    ended += "where t.key = 'role' and t.value = 'trial' and r.end_time is not null"
    try:
        with closing(sqlite3.connect(f"file:{folder / 'mlflow.db'}?mode=ro", uri=True)) as store:
            return store.execute(ended).fetchone() is not None
    except sqlite3.OperationalError:  # it is not there yet
        return False


def test_inspect_says_what_a_table_is(table_file: Path) -> None:
    done = run_command(table_file.parent, "data.path=limma.csv", "format=json", command="inspect")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["dialect"], told["rows"], told["columns"]["effect"]) == ("limma", 300, "logFC")
    assert told["targets"] == ["direction", "regulation", "replication"]
    shown = run_command(table_file.parent, "data.path=limma.csv", command="inspect")
    assert "limma" in shown.stdout and "targets" in shown.stdout
    for mistake in ("data.path=nope.csv", "format=xml"):
        refused = run_command(table_file.parent, "data.path=limma.csv", mistake, command="inspect")
        assert refused.returncode == 2 and one_line(refused.stderr)


BROKEN = {
    "no such file": (None, "t.csv: no such file"),
    "an empty file": ("", "t.csv: the file is empty"),
    "a header alone": ("ID,logFC,P.Value\n", "no rows"),
    "a missing column": ("ID,AveExpr,P.Value\na,1,0.5\n", "no column for the effect"),
    "text in a numeric column": ("ID,logFC,P.Value\na,1,0.5\nb,high,0.5\n", "'logFC'"),
    "one class": ("ID,logFC,P.Value\na,1,0.5\nb,2,0.5\n", "all 2 genes into one class, 'up'"),
    "too few of a class": (
        "ID,logFC,P.Value\n" + "".join(f"g{i},{1 if i < 3 else -1},0.5\n" for i in range(60)),
        "3 genes of class 'up'",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_table_that_cannot_be_used_is_one_line_and_no_run(tmp_path: Path, case: str) -> None:
    text, said = BROKEN[case]
    if text is not None:
        (tmp_path / "t.csv").write_text(text)
    done = run_command(tmp_path, "data=table", "data.path=t.csv", "experiment=smoke")
    assert done.returncode == 2
    assert said in one_line(done.stderr)
    assert not (tmp_path / "mlflow.db").exists()


MISTAKES = {
    "model=xgbost": "did you mean xgboost?",
    "modle=svm": "did you mean model?",
    "search.n_trails=3": "did you mean search.n_trials?",
    "+foo=1": "foo: no such key",
    "model.space.C.low=9999": "low must not be above high",
    "+model.estimator.bogus=1": "unexpected keyword argument 'bogus'",
    "model.estimator.bogus=1": "put a + before it: +model.estimator.bogus=VALUE",
    "compute.workers=0": "compute.workers=0",
    "a b": "not readable as key=value",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistyped_override_is_one_line_and_no_run(tmp_path: Path, mistake: str) -> None:
    done = run_command(tmp_path, "experiment=smoke", mistake)
    assert done.returncode == 2
    assert MISTAKES[mistake] in one_line(done.stderr)
    assert not (tmp_path / "mlflow.db").exists()


def test_an_error_of_our_own_shows_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dge_experiments.api.execute.prepare", lambda *given: 1 / 0)
    done = run_command(tmp_path, "experiment=smoke", "tracking=none")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "Traceback" in done.stderr


def test_help_and_configuration_need_no_heavy_import(tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['x', '--cfg', 'job']\n"
        "from dge_experiments.__main__ import main\nmain()\n"
        "heavy = {'mlflow', 'sklearn', 'pandas', 'xgboost', 'optuna', 'plotly'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "model:" in done.stdout
