"""There is one champion, never two and never none, whoever registers at the same time."""

import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from dge_experiments.errors import BadInput
from dge_experiments.tracking import champion, store
from dge_experiments.tracking.registry import Chosen

RULES = champion.Rules(dummy=False, champion=True, leak="warn")
ABOUT = {"data_digest": "d", "target": "direction", "split_hash": "s", "leak": "none"}


def trained(client: MlflowClient, score: float, **tags: str) -> Chosen:
    """A finished run with a model, and a score to be judged by."""
    with mlflow.start_run(experiment_id=store.experiment_id(client, "q"), tags=ABOUT | tags) as made:
        mlflow.log_metric("cv/accuracy", score)
        mlflow.pyfunc.log_model(name="m", loader_module="json", pip_requirements=[])
    return Chosen(client.get_run(made.info.run_id), "cv/accuracy", "a test")


def aliases(client: MlflowClient) -> dict[str, str]:
    return champion.aliases(client, "m")


def test_the_aliases_follow_the_scores(project: Path) -> None:
    client = store.connect(None)
    for score, expected in (
        (0.8, {"champion": "1"}),
        (0.7, {"champion": "1", "challenger": "2"}),
        (0.9, {"champion": "3", "previous": "1", "challenger": "2"}),
        (0.95, {"champion": "4", "previous": "3", "challenger": "2"}),
    ):
        champion.register(client, trained(client, score), "m", RULES)
        assert aliases(client) == expected


def test_a_challenger_that_is_crowned_is_no_challenger_any_more(project: Path) -> None:
    client = store.connect(None)
    champion.register(client, trained(client, 0.8), "m", RULES)
    second = trained(client, 0.7)
    champion.register(client, second, "m", RULES)
    champion.register(client, second, "m", champion.Rules(dummy=False, champion=False, leak="warn"))
    assert aliases(client) == {"champion": "2", "previous": "1"}


def test_a_champion_that_is_registered_again_stays_the_same_version(project: Path) -> None:
    client = store.connect(None)
    chosen = trained(client, 0.8)
    for _ in range(2):
        version, found = champion.register(client, chosen, "m", RULES)
        assert version.version == "1" and aliases(client) == {"champion": "1"}
    assert found.reasons[-1] == "champion: this run is version 1, the champion"


def test_a_champion_of_another_split_stays(project: Path) -> None:
    client = store.connect(None)
    champion.register(client, trained(client, 0.8), "m", RULES)
    _, found = champion.register(client, trained(client, 0.9, split_hash="t"), "m", RULES)
    assert aliases(client) == {"champion": "1", "challenger": "2"}
    assert "version 1 has another split_hash, so the two cannot be compared" in found.reasons[-1]


def test_a_champion_without_a_run_stays(project: Path) -> None:
    client = store.connect(None)
    client.create_registered_model("m")
    client.create_model_version("m", str(Path.cwd()))
    client.set_registered_model_alias("m", "champion", "1")
    champion.register(client, trained(client, 0.9), "m", RULES)
    assert aliases(client) == {"champion": "1", "challenger": "2"}


def test_a_name_that_cannot_be_is_said_before_anything_is_made(project: Path) -> None:
    client = store.connect(None)
    for name in ("a/b", "a:b", " "):
        with pytest.raises(BadInput, match=f"name={name}: a registered model's name may not hold"):
            champion.ruling(client, trained(client, 0.9), name, RULES)
    assert client.search_registered_models() == []


def test_rolling_back_twice_changes_nothing(project: Path) -> None:
    client = store.connect(None)
    with pytest.raises(BadInput, match="name=m: no such registered model \\(there is none yet\\)"):
        champion.rollback(client, "m", dry_run=False)
    champion.register(client, trained(client, 0.7), "m", RULES)
    with pytest.raises(BadInput, match="m has no previous champion"):
        champion.rollback(client, "m", dry_run=False)
    for score in (0.8, 0.9):
        champion.register(client, trained(client, score), "m", RULES)
    assert champion.rollback(client, "m", dry_run=True) == ("2", "3")
    assert aliases(client) == {"champion": "3", "previous": "2"}
    champion.rollback(client, "m", dry_run=False)
    assert aliases(client) == {"champion": "2", "previous": "3"}
    champion.rollback(client, "m", dry_run=False)
    assert aliases(client) == {"champion": "3", "previous": "2"}


def test_a_gate_that_is_shut_gives_no_alias(project: Path) -> None:
    client = store.connect(None)
    leaky = trained(client, 0.99, leak="logFC")
    assert champion.ruling(client, leaky, "m", champion.Rules(False, True, "refuse")).alias is None


SCRIPT = """
import sys
from dge_experiments.tracking import champion, registry, store
client = store.connect(None)
chosen = registry.Chosen(client.get_run(sys.argv[1]), "cv/accuracy", "a test")
champion.register(client, chosen, "m", champion.Rules(dummy=False, champion=True, leak="warn"))
"""
WITHOUT = """
import contextlib, dge_experiments.tracking.champion as c
c._alone = lambda name: contextlib.nullcontext()
"""


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "as on a server, without"])
def test_registrations_at_once_leave_one_champion(project: Path, lock: bool) -> None:
    client = store.connect(None)
    champion.register(client, trained(client, 0.5), "m", RULES)
    made = [trained(client, score).run.info.run_id for score in (0.9, 0.7, 0.8)]
    script = SCRIPT if lock else WITHOUT + SCRIPT
    processes = [subprocess.Popen([sys.executable, "-c", script, run]) for run in (*made, made[0])]
    assert all(process.wait(120) == 0 for process in processes)
    held = aliases(client)
    runs = {str(v.version): v.run_id for v in client.search_model_versions("name = 'm'")}
    assert runs[held["champion"]] == made[0]
    assert held["previous"] != held["champion"]
    assert len(runs) == 4 or not lock
