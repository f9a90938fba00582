"""``dry_run=true`` says what would be done and leaves nothing behind."""

import json
from pathlib import Path

import pytest

from commands import run_command
from dge_experiments.settings import conf_folder
from given import limma_table, one_line


def test_the_plan_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    limma_table(100).to_csv(tmp_path / "t.csv", index=False)
    given = ("data.path=t.csv", "model=svm", "search.n_trials=6", "split.folds=3", "dry_run=true")
    done = run_command(tmp_path, *given)
    assert done.returncode == 0, done.stderr
    for said in (
        "36 (6 trials on 3 folds, as given and honest: leak.search=own)",
        "logFC: defines_label",
        "less than a minute for the searches",
        "nothing was run",
    ):
        assert said in done.stdout
    summary = json.loads(run_command(tmp_path, *given, "format=json").stdout)
    assert (summary["fits"], summary["genes"]["up"] + summary["genes"]["down"]) == (36, 100)
    assert summary["leak"] == ["logFC", "t"]
    once = json.loads(run_command(tmp_path, *given, "format=json", "leak.search=same").stdout)
    assert (once["searches"], once["fits"]) == (1, 18)
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]


PRESETS = sorted(file.stem for file in (conf_folder() / "experiment").glob("*.yaml"))

MORE = {
    "benchmark": ["model=svm,dummy"],
    "replication": ["target.path=t.csv"],
    "studies": ["studies=[t.csv,t.csv,t.csv]"],
}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_and_a_sweep_of_it_can_be_planned(tmp_path: Path, preset: str) -> None:
    limma_table(120).to_csv(tmp_path / "t.csv", index=False)
    given = [f"experiment={preset}", "dry_run=true", "data.path=t.csv", *MORE.get(preset, [])]
    alone = preset != "benchmark"
    if alone:
        said = run_command(tmp_path, *given)
        assert said.returncode == 0, said.stderr
        assert "nothing was run or written" in said.stdout
    swept = run_command(tmp_path, "-m", *given, "seed=1,2", "format=json")
    assert swept.returncode == 0, swept.stderr
    plans = json.loads(swept.stdout)["runs"]
    assert len(plans) == (2 if alone else 4) and all(plan["dry_run"] for plan in plans)
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]


def test_trials_that_a_grid_does_not_count_are_said(tmp_path: Path) -> None:
    limma_table(100).to_csv(tmp_path / "t.csv", index=False)
    given = ["data.path=t.csv", "model=lasso", "search=grid", "dry_run=true"]
    assert "n_trials" not in run_command(tmp_path, *given).stdout
    assert "search.n_trials=3 is not used" in run_command(tmp_path, *given, "search.n_trials=3").stdout


def test_what_is_to_be_resumed_is_looked_for(project: Path) -> None:
    limma_table(100).to_csv("t.csv", index=False)
    given = ["data.path=t.csv", "experiment=smoke", "explanation=none", "format=json", "compute.workers=1"]
    nothing = run_command(project, *given, "dry_run=true", "resume=true")
    assert nothing.returncode == 2 and "no unfinished run of this configuration" in one_line(nothing.stderr)
    made = json.loads(run_command(project, *given, "search.n_trials=2").stdout)["runs"][0]
    before = sorted(map(str, project.rglob("*")))
    more = [*given, "search.n_trials=5", "dry_run=true"]
    plan = json.loads(run_command(project, *more, f"resume={made['run_id'][:8]}").stdout)
    assert (plan["known"], plan["fits"]) == (2, 24)  # 3 and 5 trials on 3 folds
    said = run_command(project, *more, "resume=true", "format=text").stdout
    assert "2 of 5 trials are there already" in said
    swept = run_command(
        project, "-m", *given, "seed=42,43", "search.n_trials=5", "dry_run=true", "resume=true"
    )
    assert [plan["known"] for plan in json.loads(swept.stdout)["runs"]] == [2, 0]
    for wrong, line in (
        ("resume=deadbeef", "resume=deadbeef: no such run"),
        ("tracking=none", "tracking=none keeps"),
    ):
        refused = run_command(project, *given, "dry_run=true", "resume=true", wrong)
        assert refused.returncode == 2 and line in one_line(refused.stderr)
    assert sorted(map(str, project.rglob("*"))) == before


def test_flags_may_follow_keys(tmp_path: Path) -> None:
    done = run_command(tmp_path, "model=svm", "--cfg", "job", "seed=7")
    assert done.returncode == 0, done.stderr
    assert "seed: 7" in done.stdout
