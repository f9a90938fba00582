"""``dry_run=true`` says what would be done and leaves nothing behind."""

import json
from pathlib import Path

from commands import run_command
from given import limma_table


def test_the_plan_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    limma_table(100).to_csv(tmp_path / "t.csv", index=False)
    given = ("data.path=t.csv", "model=svm", "search.n_trials=6", "split.folds=3", "dry_run=true")
    done = run_command(tmp_path, *given)
    assert done.returncode == 0, done.stderr
    for said in (
        "36 (6 trials on 3 folds, as given and honest: leak.search=own)",
        "logFC: defines_label",
        "minutes for the searches",
        "nothing was run",
    ):
        assert said in done.stdout
    summary = json.loads(run_command(tmp_path, *given, "format=json").stdout)
    assert (summary["fits"], summary["genes"]["up"] + summary["genes"]["down"]) == (36, 100)
    assert summary["leak"] == ["logFC", "t"]
    once = json.loads(run_command(tmp_path, *given, "format=json", "leak.search=same").stdout)
    assert (once["searches"], once["fits"]) == (1, 18)
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]


def test_flags_may_follow_keys(tmp_path: Path) -> None:
    done = run_command(tmp_path, "model=svm", "--cfg", "job", "seed=7")
    assert done.returncode == 0, done.stderr
    assert "seed: 7" in done.stdout
