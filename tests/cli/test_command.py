"""The one command: subcommands, their help and completion, and what goes to stdout."""

import json
from pathlib import Path

import pytest

from commands import run_command
from dge_experiments.cli.command import COMMANDS
from dge_experiments.version import __version__
from given import limma_table, one_line

SMALL = (
    "data.path=t.csv",
    "model=logistic_regression",
    "experiment=smoke",
    "explanation=none",
    "tracking=none",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    limma_table(100).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_is_one_screen(tmp_path: Path, command: str) -> None:
    done = run_command(tmp_path, "--help", command=command)
    assert done.returncode == 0
    assert f"dge_experiments{'' if command == 'run' else ' ' + command}" in done.stdout
    assert len(done.stdout.splitlines()) <= 55


def test_the_help_names_the_other_commands(tmp_path: Path) -> None:
    listed = run_command(tmp_path, "--help").stdout
    assert all(f"  {command}" in listed for command in COMMANDS)


def test_a_command_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    done = run_command(tmp_path, "comapre")
    assert done.returncode == 2
    assert "did you mean compare?" in one_line(done.stderr)


def test_the_version_is_ours(tmp_path: Path) -> None:
    assert run_command(tmp_path, "--version").stdout == f"dge-experiments {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("comp", "compare"),
        ("compare form", "format="),
        ("model=xg", "model=xgboost"),
        ("run model=xg", "model=xgboost"),
    ],
)
def test_the_shell_completes_commands_and_their_keys(tmp_path: Path, typed: str, offered: str) -> None:
    line = f"dge-experiments {typed}"
    done = run_command(tmp_path, "-sc", "query=bash", COMP_LINE=line, COMP_POINT=str(len(line)))
    assert offered in done.stdout.split()


def test_json_is_one_object_and_nothing_else(folder: Path) -> None:
    done = run_command(folder, *SMALL, "model=lasso,svm", "-m", "format=json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert [run["model"] for run in summary["runs"]] == ["lasso", "svm"]
    for run in summary["runs"]:
        assert {"report.html", "test/predictions.csv", "config.yaml", "run.log"} <= set(run["files"])
        assert run["leak"] == ["logFC", "t"] and "test/accuracy" in run["scores"]
    assert len(summary["leaderboards"]) == 1


def test_a_warning_of_python_is_one_line_and_is_logged(folder: Path) -> None:
    mine = folder / "conf/model/network.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text(
        "name: network\nspace: {}\n"
        'estimator: {_target_: sklearn.neural_network.MLPClassifier, max_iter: 2, random_state: "${seed}"}\n'
    )
    done = run_command(folder, *SMALL, "model=network", "search=none", "out=made")
    assert done.returncode == 0 and done.stderr == ""
    said = [line for line in done.stdout.splitlines() if "Maximum iterations (2)" in line]
    assert [line.split(":")[0].strip() for line in said] == [
        "ConvergenceWarning",
        "1 of 1 trials warned; the first",
    ]
    assert "WARNING ConvergenceWarning" in (folder / "made/run.log").read_text()


def test_quiet_shows_the_result_alone_and_verbose_the_log(folder: Path) -> None:
    quiet = run_command(folder, *SMALL, "quiet=true").stdout
    verbose = run_command(folder, *SMALL, "verbose=true").stdout
    assert "score" in quiet and "LEAK" in quiet and "  split" not in quiet
    assert "  split" in verbose and "trial 1" in verbose
