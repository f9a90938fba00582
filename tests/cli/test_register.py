"""Registration as a user meets it: what is said, what is refused, and what is in the registry afterwards."""

import json
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from commands import run_command
from dge_experiments.tracking import champion, store
from given import one_line

pytestmark = pytest.mark.slow

TAGS = {
    "role": "model", "model": "lasso", "scoring": "accuracy", "data_digest": "d1", "target": "direction",
    "rule": "logFC > 0", "split_hash": "s1", "features": "all", "leak": "none", "git_commit": "c1",
}  # fmt: skip


def trained(client: MlflowClient, score: float, low: float = 0.7, **tags: str) -> str:
    """A finished run with a model: its run id."""
    experiment = store.experiment_id(client, "q")
    with mlflow.start_run(experiment_id=experiment, run_name="lasso-tpe", tags=TAGS | tags) as run:
        scores = {"cv/accuracy": score, "cv/accuracy_std": 0.01, "baseline/test/accuracy": 0.6}
        held_out = {"test/accuracy": 0.8, "test/accuracy_low": low, "test/accuracy_high": 0.9}
        mlflow.log_metrics({**scores, **held_out, "honest/test/accuracy": 0.5})
        mlflow.pyfunc.log_model(name="m", loader_module="json", pip_requirements=[])
    return str(run.info.run_id)


def said(project: Path, *arguments: str) -> str:
    done = run_command(project, *arguments, command="register")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_first_worse_better_and_back_again(project: Path) -> None:
    client = store.connect(None)
    trained(client, 0.8)
    dry = said(project, "dry_run=true")
    assert "it would become champion" in dry and champion.aliases(client, "q") == {}
    first = said(project)
    assert "version 1 is champion" in first and "models:/q@champion" in first
    assert "test/accuracy 0.8000 [0.7000, 0.9000], constant answer 0.6000" in first
    assert "is better than the constant answer's 0.6000 (gate.dummy=true)" in first
    worse = trained(client, 0.7)
    told = said(project, f"run={worse}")
    assert "version 2 is challenger; champion is version 1" in told
    assert "cv/accuracy 0.7000 against 0.8000 of version 1: not better (gate.champion=true)" in told
    trained(client, 0.9, leak="logFC")
    loud = said(project, "gate.leak=warn")
    assert "version 3 is champion; challenger is version 2; previous is version 1" in loud
    assert "LEAK     logFC holds the answer, the score is not earned (gate.leak=warn)" in loud
    assert "version 1 is champion again, version 3 previous" in said(project, "rollback=true")
    assert champion.aliases(client, "q") == {"champion": "1", "challenger": "2", "previous": "3"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["gate.leak=refuse"], "gate.leak=refuse: no score of q is earned (of the newest run "),
        ([], "metric=honest/cv/accuracy: no run of q has it"),
        (["gate.leak=maybe"], "gate.leak=maybe: must be one of honest, warn, refuse"),
        (["name=a/b", "gate.leak=warn"], "name=a/b: a registered model's name may not hold / or :"),
        (["question=nope"], "question=nope: no such MLflow experiment (there are Default, q)"),
        (["rollback=true"], "name=q: no such registered model"),
    ],
    ids=lambda v: " ".join(v[:1]) if isinstance(v, list) else "",
)
def test_what_is_refused_is_one_line_and_changes_nothing(
    project: Path, arguments: list[str], line: str
) -> None:
    client = store.connect(None)
    trained(client, 0.9, leak="logFC")
    done = run_command(project, *arguments, command="register")
    assert done.returncode == 2
    assert line in one_line(done.stderr)
    assert client.search_registered_models() == []


def test_a_model_no_better_than_the_constant_answer_is_refused(project: Path) -> None:
    client = store.connect(None)
    trained(client, 0.9, low=0.55)
    done = run_command(project, command="register")
    assert done.returncode == 2
    assert (
        "test/accuracy 0.5500 (bound of the interval) is no better than the constant answer's 0.6000"
        in done.stderr
    )
    assert said(project, "gate.dummy=false").count("version 1 is champion") == 1


def test_one_object_says_what_was_registered(project: Path) -> None:
    client = store.connect(None)
    run = trained(client, 0.9)
    told = json.loads(said(project, "format=json", f"run={run[:8]}", "metric=test/accuracy"))
    assert (told["run_id"], told["version"], told["aliases"]) == (run, "1", {"champion": "1"})
    assert [gate["name"] for gate in told["gates"]] == ["dummy", "champion"]
    assert told["uri"] == "models:/q@champion" and "held-out genes" in told["warnings"][0]
