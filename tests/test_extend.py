"""docs/extend.md as it stands: its files are written, its commands typed, and what is one's own is used throughout."""

import importlib.util
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pytest
from sklearn.metrics import f1_score

import dge_experiments as dge
from commands import run_command
from given import REPOSITORY, limma_table

PAGE = (REPOSITORY / "docs" / "extend.md").read_text(encoding="utf-8")
FILES = re.findall(r"```(?:yaml|python)\n# (mine/\S+)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
pytestmark = pytest.mark.slow

SMALL = ["explanation=none", "compute.workers=1", "search.n_trials=2"]


@pytest.fixture(autouse=True)
def mine(project: Path) -> Iterator[Path]:
    """The page's files in a fresh folder, beside a table; what was imported from there is forgotten."""
    for name, text in FILES:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    table = limma_table(200)
    table.to_csv("table.csv", index=False)
    before = list(sys.path)
    yield project
    sys.path[:] = before
    for name in [each for each in sys.modules if each.partition(".")[0] == "mine"]:
        del sys.modules[name]


def test_the_page_has_files_and_commands() -> None:
    assert len(FILES) == 6 and len(COMMANDS) == 4


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[-2:]))
def test_every_command_of_the_page_makes_a_run(project: Path, command: list[str]) -> None:
    done = run_command(project, *command, *SMALL)
    assert done.returncode == 0, done.stderr
    (run,) = mlflow.search_runs(search_all_experiments=True, filter_string="tags.role = 'model'").to_dict(
        "records"
    )
    if "search.scoring=mine.cost.missed" in command:
        cv, test = run["metrics.cv/mine.cost.missed"], run["metrics.test/mine.cost.missed"]
        assert -5 <= cv <= 0 and run["metrics.honest/test/mine.cost.missed_low"] < 0 >= test
        constant = run["metrics.baseline/test/mine.cost.missed"]
        assert constant in (pytest.approx(-2.5, abs=0.6), pytest.approx(-0.5, abs=0.2))
        compared = run_command(project, "out=board.csv", command="compare")
        assert compared.returncode == 0 and "mine.cost.missed" in Path("board.csv").read_text(), (
            compared.stderr
        )
        registered = run_command(project, "gate.dummy=false", command="register")
        assert registered.returncode == 0, registered.stderr
    if "target=strong" in command:
        assert run["tags.target"] == "strong" and "logFC" in run["tags.leak"]
        assert run["tags.rule"] == "mine.strong.strong(logFC, adj.P.Val)"


@pytest.mark.skipif(importlib.util.find_spec("lightgbm") is None, reason="LightGBM is not installed")
def test_lightgbm(project: Path) -> None:
    done = run_command(
        project, "--config-dir", "mine", "data.path=table.csv", "experiment=smoke", "model=lightgbm", *SMALL
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("place", ["conf", "cohort/conf"])
def test_a_conf_of_ones_own_is_found_here_and_beside_the_table(project: Path, place: str) -> None:
    folder = Path(place)
    shutil.copytree("mine/model", folder / "model")
    shutil.copy(folder / "model/network.yaml", folder / "model/svm.yaml")  # the package has an svm
    table = str(folder.parent / "table.csv")
    shutil.copy("table.csv", table) if folder.parent.name else None
    asked = [f"data.path={table}", "experiment=smoke", "features=honest", *SMALL]
    done = run_command(project, *asked, "model=boosting")
    assert done.returncode == 0, done.stderr
    assert f"choices of your own from {place} (not model/svm.yaml: the package's own is read" in done.stdout
    (run,) = mlflow.search_runs(search_all_experiments=True, filter_string="tags.role = 'model'").to_dict(
        "records"
    )
    assert f"--config-dir {place} " in run["tags.command"]
    assert run_command(project, "gate.dummy=false", command="register").returncode == 0
    scored = run_command(
        project,
        "model_uri=models:/table-direction@champion",
        f"data.path={table}",
        "out=s.csv",
        command="predict",
    )
    assert scored.returncode == 0, scored.stderr
    assert (
        dge.run(*asked, "model=boosting", "tracking=none").result.settings.model.title == "histogram boosting"
    )
    typed = run_command(project, *asked, "model=bosting")
    assert "did you mean boosting? (there are boosting, dummy," in typed.stderr


def test_a_sweep_of_ones_own_and_the_packages_models(project: Path) -> None:
    asked = [
        "--config-dir",
        "mine",
        "data.path=table.csv",
        "experiment=smoke",
        "model=boosting,dummy",
        *SMALL,
    ]
    done = run_command(project, "-m", *asked, "features=honest")
    assert done.returncode == 0, done.stderr
    assert "histogram boosting" in done.stdout and "constant answer" in done.stdout


@pytest.mark.parametrize("scoring", ["f1_weighted", "roc_auc_ovo"])
def test_scorers_of_scikit_learn_by_name(project: Path, scoring: str) -> None:
    made = dge.run(
        "data.path=table.csv",
        "experiment=smoke",
        "tracking=none",
        "features=honest",
        f"search.scoring={scoring}",
        *SMALL,
    )
    test = made.result.given.test
    low, high = test.intervals.loc[scoring]
    assert low <= test.scores[scoring] <= high
    if scoring == "f1_weighted":
        expected = f1_score(test.y, test.prediction.predicted, average="weighted")
        assert test.scores[scoring] == pytest.approx(expected)


def test_the_second_of_two_classes_is_the_one_that_is_asked_for(project: Path) -> None:
    limma_table(200).assign(kind=np.where(np.arange(200) % 3, "no", "hit")).to_csv("table.csv", index=False)
    asked = [
        "data.path=table.csv",
        "experiment=smoke",
        "tracking=none",
        "target=column",
        "target.column=kind",
        *SMALL,
    ]
    assert dge.run(*asked).result.plan.problem.labels.classes == ("hit", "no")
    turned = dge.run(*asked, "target.positive=hit").result.plan.problem.labels
    assert turned.classes == ("no", "hit") and turned.y.sum() == 67
    with pytest.raises(dge.BadInput, match="target.positive=hits: the column 'kind' has 'hit', 'no'"):
        dge.run(*asked, "target.positive=hits")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            ["search.scoring=mine.cost.missed"],
            r"mine is not a trusted package .* add search.trusted=\[mine\]",
        ),
        (["search.scoring=mine.cost.nothing", "search.trusted=[mine]"], "there is no nothing in mine.cost"),
        (["search.scoring=f1_wieghted"], "no such metric, did you mean f1_weighted?"),
        (["target=column", "target.column=ID", "target.rule=os.getcwd"], "os is not a trusted package"),
    ],
)
def test_what_is_not_trusted_or_not_there_is_one_line(project: Path, asked: list[str], says: str) -> None:
    with pytest.raises(dge.BadInput, match=says) as refused:
        dge.run("data.path=table.csv", "experiment=smoke", "tracking=none", *SMALL, *asked)
    assert "\n" not in str(refused.value)
