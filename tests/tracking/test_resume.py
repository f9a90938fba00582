"""Interrupted searches go on as if nothing had happened."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import mlflow
import numpy as np
import pytest
from hydra.utils import instantiate

from dge_experiments.errors import BadInput
from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.run import run
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.report import finished as outcome
from dge_experiments.search.engine import Trial
from dge_experiments.search.study import Study
from dge_experiments.tracking import owner, resume, runs, store
from dge_experiments.tracking import tags as run_tags
from given import limma_table, settings

pytestmark = pytest.mark.slow

QUESTION = "t-direction"
SMALL = ["data=table", "features=list", "features.columns=[AveExpr,B]", "split.folds=3", "compute.workers=1"]
SMALL += ["search.batch=4", "explanation=none"]


class Kill(KeyboardInterrupt):
    pass


def search(
    folder: Path, *overrides: str, kill_after: int | None = None, resumed: bool | str = False
) -> Study:
    """The trials of a tracked search; killed in the middle of a batch after so many trials."""
    return experiment(folder, *overrides, kill_after=kill_after, resumed=resumed).study


def experiment(
    folder: Path, *overrides: str, kill_after: int | None = None, resumed: bool | str = False
) -> Result:
    """A tracked run; killed after so many trials, those of the honest score's search among them."""
    if not (folder / "t.csv").exists():
        limma_table().to_csv(folder / "t.csv", index=False)
    given = settings(*SMALL, f"data.path={folder / 't.csv'}", *overrides)
    plan = prepare(given, instantiate(given.model.estimator))
    client = store.connect(None)
    own = run_tags.own_tags(given, plan, "command")
    known, run_id = None, None
    if resumed:
        found = resume.find(client, plan.problem.name, resumed, own["config_hash"])
        known, run_id = resume.recorded(client, found), found.info.run_id
    made = []
    with runs.parent(
        client, plan.problem.name, "n", run_tags.tags(given, plan), own_tags=own, resumed=run_id
    ) as parent:

        def on_trial(reading: str, trial: Trial) -> None:
            if reading == AS_GIVEN:
                parent.log_trial(trial, "accuracy")
            made.append(trial)
            if len(made) == kill_after:
                raise Kill

        done = run(given, plan, on_trial, known)
        parent.log(outcome.records(done, ""))
    return done


def parents() -> list[mlflow.entities.Run]:
    client = mlflow.MlflowClient()
    found = client.get_experiment_by_name(QUESTION)
    return list(client.search_runs([found.experiment_id], "tags.role = 'model'"))


def same(one: Study, two: Study) -> bool:
    assert [t.candidate for t in one.trials] == [t.candidate for t in two.trials]
    assert [t.folds for t in one.trials] == [t.folds for t in two.trials]
    assert [t.number for t in one.trials] == [t.number for t in two.trials]
    for first, second in zip(one.finished, two.finished, strict=True):
        for kept, again in zip(first.answers, second.answers, strict=True):
            np.testing.assert_array_equal(kept, again)
    return True


@pytest.mark.parametrize("model", ["search=tpe model=xgboost", "search=random model=logistic_regression"])
def test_killed_again_and_again_it_gives_the_trials_of_an_undisturbed_search(
    project: Path, model: str
) -> None:
    overrides = [*model.split(), "search.n_trials=14"]
    whole = search(project, *overrides)
    rng = np.random.default_rng(len(model))
    with pytest.raises(Kill):
        search(project, *overrides, kill_after=int(rng.integers(1, 5)))
    for _ in range(2):
        with pytest.raises(Kill):
            search(project, *overrides, kill_after=int(rng.integers(1, 4)), resumed=True)
    assert same(whole, search(project, *overrides, resumed=True))
    one, two = parents()
    assert (one.info.status, two.info.status) == ("FINISHED", "FINISHED")
    corrected = [f"bbc/{name}" for name in ("accuracy", "accuracy_low", "accuracy_high")]
    assert [one.data.metrics[name] for name in corrected] == [two.data.metrics[name] for name in corrected]


def test_killed_while_the_honest_score_is_searched_it_comes_to_the_same_and_makes_no_trial_again(
    project: Path,
) -> None:
    overrides = ["features=all", "features.columns=null", "model=logistic_regression", "search.n_trials=6"]
    whole = experiment(project, *overrides)
    with pytest.raises(Kill):
        experiment(project, *overrides, kill_after=8)
    before = trials_written()
    done = experiment(project, *overrides, resumed=True)
    assert trials_written() == before == 12
    assert same(whole.study, done.study) and same(whole.studies[HONEST], done.studies[HONEST])
    assert done.tests[HONEST].scores == whole.tests[HONEST].scores


@pytest.mark.parametrize(("where", "kills"), [("local", 2), ("dask", 1)])
def test_killed_by_the_system_at_any_moment_it_goes_on(project: Path, where: str, kills: int) -> None:
    overrides = ["model=xgboost", "search=tpe", "search.n_trials=12"]
    whole = search(project, *overrides)
    start = [*SMALL, f"data.path={project / 't.csv'}", *overrides, f"compute={where}"]
    rng = np.random.default_rng(len(where))
    written = 0
    for resumed in ([], ["resume=true"])[:kills]:
        process = subprocess.Popen([sys.executable, "-m", "dge_experiments", *start, *resumed], cwd=project)
        written += int(rng.integers(1, 6))
        while trials_written() < len(whole.trials) + written and process.poll() is None:
            time.sleep(rng.uniform(0, 0.2))
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert trials_written() < 2 * len(whole.trials)
    assert same(whole, search(project, *overrides, resumed=True))
    (run, _) = parents()  # the newest first
    finished = mlflow.MlflowClient().search_runs(
        [run.info.experiment_id],
        f"tags.`mlflow.parentRunId` = '{run.info.run_id}' and attributes.status = 'FINISHED'",
    )
    assert sorted(int(child.data.tags["trial"]) for child in finished) == list(range(12))


def trials_written() -> int:
    with closing(sqlite3.connect("mlflow.db", timeout=20)) as store:
        (count,) = store.execute("select count(*) from tags where key = 'trial'").fetchone()
    return int(count)


def test_a_grid_killed_in_its_only_batch_goes_on(project: Path) -> None:
    overrides = [
        "model=random_forest",
        "search=grid",
        "model.space.n_estimators={low: 3, high: 9, points: 3}",
    ]
    whole = search(project, *overrides)
    with pytest.raises(Kill):
        search(project, *overrides, kill_after=10)
    assert same(whole, search(project, *overrides, resumed=True))


def test_a_finished_search_is_extended_in_the_same_run(project: Path) -> None:
    whole = search(project, "model=logistic_regression", "search.n_trials=9", "seed=7")
    search(project, "model=logistic_regression", "search.n_trials=6", "seed=42")
    search(project, "model=logistic_regression", "search.n_trials=6", "seed=7")
    (newest, *_) = parents()
    extended = search(
        project, "model=logistic_regression", "search.n_trials=9", "seed=7", resumed=newest.info.run_id
    )
    assert same(whole, extended)
    run = mlflow.get_run(newest.info.run_id)
    assert run.data.params["trials"] == "6"
    assert run.data.tags["now.trials"] == "9"
    assert "trials=9" in run.data.tags["mlflow.note.content"]
    assert len(parents()) == 3


def test_answers_that_an_earlier_version_did_not_keep_are_said(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    some = ["model=logistic_regression", "search.n_trials=4"]
    search(project, *some, "evaluation.bias_corrected=false")
    search(project, "model=logistic_regression", "search.n_trials=5", resumed=True)
    (run,) = parents()
    assert "bbc/accuracy" not in run.data.metrics and "cv/accuracy" in run.data.metrics
    assert "no bias-corrected score: 4 of 5 trials have kept no answers" in caplog.messages


def test_a_failed_trial_is_recalled_with_its_traceback(project: Path) -> None:
    solvers = "+model.space.solver={choices: [lbfgs, liblinear, saga]}"  # lbfgs knows no L1 penalty
    overrides = ["model=lasso", "search=grid", "~model.space.C", "~model.space.class_weight", solvers]
    with pytest.raises(Kill):
        search(project, *overrides, kill_after=2)
    done = search(project, *overrides, resumed=True)
    assert "Solver lbfgs" in str(done.trials[0].error) and "Traceback" in str(done.trials[0].error)
    assert done.trials[0].folds == ()
    assert done.best.candidate["solver"] != "lbfgs"


def test_a_trial_whose_writing_was_cut_off_is_closed_and_made_again(project: Path) -> None:
    with pytest.raises(Kill):
        search(project, "model=svm", "search.n_trials=6", kill_after=3)
    (parent,) = parents()
    client = mlflow.MlflowClient()
    half = client.create_run(
        parent.info.experiment_id,
        tags={"mlflow.parentRunId": parent.info.run_id, "role": "trial", "trial": "3"},
    )
    assert set(resume.recorded(client, parent)) == {0, 1, 2}
    assert client.get_run(half.info.run_id).info.lifecycle_stage == "deleted"
    assert len(search(project, "model=svm", "search.n_trials=6", resumed=True).trials) == 6


def test_another_configuration_is_not_resumed(project: Path) -> None:
    with pytest.raises(Kill):
        search(project, "model=svm", "search.n_trials=6", kill_after=1)
    (run,) = parents()
    for other in ("seed=1", "search.batch=3", "model.space.C.high=10", "split.folds=4", "features=all"):
        with pytest.raises(BadInput, match="resume=true: no unfinished run"):
            search(project, "model=svm", "search.n_trials=6", other, resumed=True)
        with pytest.raises(BadInput, match="another configuration; it was started with command"):
            search(project, "model=svm", "search.n_trials=6", other, resumed=run.info.run_id)
    with pytest.raises(BadInput, match="resume=nope: no such run"):
        search(project, "model=svm", resumed="nope")
    (child,) = mlflow.MlflowClient().search_runs([run.info.experiment_id], "tags.role = 'trial'")
    with pytest.raises(BadInput, match=f"that is a trial; its search is resume={run.info.run_id}"):
        search(project, "model=svm", resumed=child.info.run_id)


def test_a_run_whose_process_is_gone_is_stale_and_one_at_work_is_not_taken(project: Path) -> None:
    client = store.connect(None)
    with runs.parent(client, QUESTION, "n", {"role": "model"}, own_tags={"config_hash": "c"}) as parent:
        run = client.get_run(parent.run_id)
        assert owner.alive(run)
        assert resume.close_stale(client) == []
        with pytest.raises(BadInput, match="is still running"):
            resume.find(client, QUESTION, True, "c")
        with pytest.raises(BadInput, match=f"process {os.getpid()} of .* is still at work"):
            resume.find(client, QUESTION, parent.run_id, "c")
    script = (
        "import os, signal\nfrom dge_experiments.tracking import runs, store\n"
        "own = {'config_hash': 'd'}\n"
        f"with runs.parent(store.connect(None), {QUESTION!r}, 'n', {{'role': 'model'}}, own_tags=own):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=project, check=False)
    (left,) = [run for run in parents() if run.info.status == "RUNNING"]
    assert not owner.alive(left)
    assert [run.info.run_id for run in resume.close_stale(client)] == [left.info.run_id]
    assert resume.find(client, QUESTION, True, "d").info.run_id == left.info.run_id
    assert resume.find(client, QUESTION, left.info.run_id, "d").info.status == "KILLED"


def test_a_number_given_to_another_process_is_not_the_old_one(project: Path) -> None:
    client = store.connect(None)
    with runs.parent(client, QUESTION, "n", {"role": "model"}) as parent:
        client.set_tag(parent.run_id, "process_start", "1")
        assert not owner.alive(client.get_run(parent.run_id))
        client.set_tag(parent.run_id, "host", "elsewhere")
        assert owner.alive(client.get_run(parent.run_id))
        client.set_tag(parent.run_id, "heartbeat", str(time.time() - 2 * owner.LOST_SECONDS))
        assert not owner.alive(client.get_run(parent.run_id))


def test_a_long_text_is_kept_in_several_tags() -> None:
    text = "x" * 20000
    tags = resume.in_tags("folds", text)
    assert list(tags) == ["folds", "folds.1", "folds.2"]
    assert "".join(tags.values()) == text
