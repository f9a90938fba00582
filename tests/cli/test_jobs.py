"""A sweep: a job that cannot run is reported before the first one starts, with the overrides that identify it."""

import json
from pathlib import Path

import pytest

from commands import run_command
from dge_experiments.api import execute
from dge_experiments.cli.jobs import Job, with_jobs
from dge_experiments.errors import BadInput
from given import limma_table, one_line

SMALL = (
    "data.path=t.csv", "experiment=smoke", "explanation=none", "search.n_trials=1", "tracking=none", "quiet=true"
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    limma_table(100).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path


@pytest.mark.parametrize(
    ("swept", "line"),
    [
        (["model=svm,xgboost", "search.n_trials=3,abc"], "number or null (jobs 3 and 4 of 4: search.n_trials=abc)"),
        (["model=svm,lasso", "search.n_trials=abc"], "search.n_trials=abc: must be a whole number or null"),
        (["data.path=t.csv,missing.csv"], "missing.csv: no such file"),
        (["features.columns=[logFC],[nope]"], "no column 'nope'"),
        (["data.filter='B > 0','nope > 0'"], "(job 2 of 2: data.filter='nope > 0')"),
        (["split.folds=3,90"], "needs at least 91"),
        (["model=svm,ranking"], "logFC gives the answer of target=direction away"),
        (["model=svm,nope", "seed=1,2"], "(jobs 3 and 4 of 4: model=nope)"),
        (["target=direction,replication"], "(job 2 of 2: target=replication)"),
        (["experiment=benchmark", "split.folds=3,90"], "split.folds=90)"),
        (["leak.policy=drop,fail"], "(job 2 of 2: leak.policy=fail)"),
        (["studies=[],[t.csv,t.csv,missing.csv]"], "(job 2 of 2: studies=[t.csv,t.csv,missing.csv])"),
        (["search.scoring=accuracy,nope.cost"], "(job 2 of 2: search.scoring=nope.cost)"),
    ],
)  # fmt: skip
def test_a_job_that_cannot_run_is_said_before_any_starts(folder: Path, swept: list[str], line: str) -> None:
    done = run_command(folder, *SMALL, "-m", *swept)
    assert done.returncode == 2
    said = one_line(done.stderr)
    assert line in said and said.endswith("; no job was started")
    assert done.stdout == "" and [file.name for file in folder.iterdir()] == ["t.csv"]


def test_a_sweep_without_jobs_is_one_line(folder: Path) -> None:
    done = run_command(folder, *SMALL, "-m", "seed=interval(1,4)")
    assert done.returncode == 2 and "does not support sweep type" in one_line(done.stderr)
    assert [file.name for file in folder.iterdir()] == ["t.csv"]


def test_ranges_and_patterns_are_jobs(folder: Path) -> None:
    done = run_command(
        folder, *SMALL, "-m", "model=glob(l*)", "seed=range(1,3)", "dry_run=true", "format=json"
    )
    assert [plan["model"] for plan in json.loads(done.stdout)["runs"]] == ["lasso"] * 2 + [
        "logistic_regression"
    ] * 2


def test_a_fault_that_only_the_run_meets_names_its_job(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute.run_experiment

    def failing(settings, *rest):  # type: ignore[no-untyped-def]
        if settings.model.name == "svm":
            raise BadInput("no candidate could be fitted")
        if settings.model.name == "lasso":
            raise RuntimeError("ours")
        return run(settings, *rest)

    monkeypatch.setattr(execute, "run_experiment", failing)
    done = run_command(folder, *SMALL, "-m", "model=svm,lasso,dummy", "format=json")
    assert "dge_experiments: no candidate could be fitted (job 1 of 3: model=svm)\n" in done.stderr
    assert "dge_experiments: ours (job 2 of 3: model=lasso)\n" in done.stderr
    assert '"model": "dummy"' in done.stdout and done.returncode == 1
    alone = run_command(folder, *SMALL, "model=svm")
    assert one_line(alone.stderr) == "dge_experiments: no candidate could be fitted"


def test_what_is_odd_in_a_table_is_said_once_a_sweep(folder: Path) -> None:
    odd = limma_table(100)
    odd.loc[[1, 5], "P.Value"] = None
    odd.to_csv(folder / "odd.csv", index=False)
    asked = [*SMALL, "quiet=false", "data.path=odd.csv"]
    for _ in range(2):  # each command says it anew
        done = run_command(folder, *asked, "-m", "model=svm,dummy")
        assert done.stdout.count("no 'P.Value' in 2 of 100 rows") == 1, done.stderr
        assert done.stdout.count("  features ") == 2
    both = run_command(folder, *asked, "-m", "data.path=odd.csv,t.csv,odd.csv", "dry_run=true").stdout
    assert both.count("no 'P.Value' in 2 of 100 rows") == 1


def test_a_server_that_is_away_is_said_once(folder: Path) -> None:
    away = ["tracking=local", "tracking.uri=http://127.0.0.1:9"]
    done = run_command(folder, *SMALL, *away, "-m", "model=dummy,lasso")
    line = one_line(done.stderr)
    assert "no MLflow server answers there" in line and line.endswith("; no job was started")
    assert done.returncode == 2 and [file.name for file in folder.iterdir()] == ["t.csv"]


def test_jobs_are_named_by_what_they_share_and_others_do_not() -> None:
    jobs = [Job(n, 4, own, own) for n, own in enumerate([("a=1", "b=1"), ("a=1", "b=2"), ("a=2", "b=1")], 1)]
    assert with_jobs("no", jobs[:1]) == "no (job 1 of 4: a=1 b=1)"
    assert with_jobs("no", jobs[:2]) == "no (jobs 1 and 2 of 4: a=1)"
    assert with_jobs("no", jobs) == "no (jobs 1, 2 and 3 of 4)"
    assert with_jobs("no", []) == with_jobs("no", [*jobs, jobs[0]]) == "no"


@pytest.mark.parametrize("refused", [["model=nope"], ["data.path=missing.csv"], ["leak.policy=fail"]])
def test_a_run_that_is_refused_leaves_nothing(folder: Path, refused: list[str]) -> None:
    done = run_command(folder, *SMALL, *refused)
    assert done.returncode == 2 and one_line(done.stderr)
    assert [file.name for file in folder.iterdir()] == ["t.csv"]
