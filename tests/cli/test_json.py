"""``format=json``: one object on stdout and nothing else, of every command; ``out`` takes a file or a folder."""

import json
from pathlib import Path

import pytest

from commands import run_command
from given import limma_table, one_line

RUN = ["data.path=t.csv", "experiment=smoke", "explanation=none", "search.n_trials=1", "compute.workers=1"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table, two runs on it and a registered model."""
    folder = tmp_path_factory.mktemp("json")
    limma_table(120).to_csv(folder / "t.csv", index=False)
    made = run_command(folder, *RUN, "-m", "model=svm,lasso", "format=json", "out=made")
    assert made.returncode == 0, made.stderr
    (folder / "runs.json").write_text(made.stdout)
    assert {"multirun.yaml", "0", "1", "report-0.html", "leaderboard-0.csv"} == {
        file.name for file in (folder / "made").iterdir()
    }
    assert run_command(folder, "gate.dummy=false", "gate.leak=warn", command="register").returncode == 0
    return folder


TWO = "runs=[{0},{1}]"
PREDICT = ["model_uri=models:/t-direction@champion", "data.path=t.csv"]


@pytest.mark.parametrize(
    ("command", "arguments", "has"),
    [
        ("run", [*RUN, "tracking=none"], "runs"),
        ("run", [*RUN, "-m", "model=svm,lasso", "dry_run=true"], "runs"),
        ("run", ["experiment=studies", "studies=[t.csv,t.csv,t.csv]", "dry_run=true"], "studies"),
        ("inspect", ["data.path=t.csv"], "columns"),
        ("inspect", ["data.path=t.csv", "out=inspected/"], "out"),
        ("compare", [], "boards"),
        ("compare", [TWO], "scores"),
        ("compare", ["out=board.json"], "out"),
        ("compare", [TWO, "out=made/"], "out"),
        ("register", ["dry_run=true", "gate.dummy=false"], "gates"),
        ("predict", [*PREDICT, "out=p.csv"], "scored"),
        ("predict", [*PREDICT, "out=made"], "scored"),
        ("relocate", [], "nothing"),
        ("clean", [], "nothing"),
        ("clean", [], "nothing"),
    ],
)
def test_stdout_is_one_object(store: Path, command: str, arguments: list[str], has: str) -> None:
    ids = [run["run_id"][:8] for run in json.loads((store / "runs.json").read_text())["runs"]]
    done = run_command(store, *(each.format(*ids) for each in arguments), "format=json", command=command)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert isinstance(told, dict) and told[has]
    named = told["out"] if isinstance(told.get("out"), list) else [told["out"]] if "out" in told else []
    assert all(Path(name).is_file() for name in named)
    for name in named:
        if name.endswith(".json"):
            json.loads(Path(name).read_text())


@pytest.mark.parametrize(
    ("command", "arguments", "names"),
    [
        ("inspect", ["data.path=t.csv", "out=page.html"], ["page.html"]),
        ("inspect", ["data.path=t.csv", "out=all/"], ["all/inspection.html", "all/inspection.json"]),
        ("compare", ["out=boards/"], ["boards/compare.csv", "boards/compare.html", "boards/compare.json"]),
        ("compare", ["out=boards/", "format=csv"], ["boards/compare.csv"]),
        ("compare", ["out=b.html"], ["b.html"]),
        ("predict", [*PREDICT, "out=made/"], ["made/predictions.csv"]),
    ],
)
def test_out_is_a_file_or_a_folder(store: Path, command: str, arguments: list[str], names: list[str]) -> None:
    done = run_command(store, *arguments, command=command)
    assert done.returncode == 0, done.stderr
    assert all((store / name).stat().st_size > 100 and Path(name).name in done.stdout for name in names)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("run", ["model=nope"]),
        ("inspect", ["data.path=nope.csv"]),
        ("inspect", ["data.path=t.csv", "out=page.txt"]),
        ("compare", ["question=nope"]),
        ("compare", ["out=board.txt"]),
        ("register", ["run=deadbeef"]),
        ("predict", ["model_uri=models:/nope/1", "data.path=t.csv", "out=p.csv"]),
        ("sync", ["nowhere"]),
        ("relocate", ["nowhere"]),
        ("clean", ["nowhere"]),
    ],
)
def test_bad_input_leaves_stdout_empty(store: Path, command: str, arguments: list[str]) -> None:
    form = ["format=json"] * (not arguments[-1].endswith(".txt"))
    done = run_command(store, *arguments, *form, command=command)
    assert done.returncode == 2 and one_line(done.stderr) and done.stdout == ""
