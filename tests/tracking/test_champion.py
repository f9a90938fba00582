"""There is one champion, never two and never none, whoever registers at the same time."""

import json
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import TEMPORARILY_UNAVAILABLE

from dge_experiments.errors import BadInput
from dge_experiments.settings.choices import LeakGate
from dge_experiments.settings.commands import Gate
from dge_experiments.tracking import champion, parents, store
from dge_experiments.tracking import chosen as chosen_run
from dge_experiments.tracking.chosen import Chosen

pytestmark = pytest.mark.slow

RULES = Gate(dummy=False, champion=True, leak=LeakGate.warn)
ABOUT = {"role": "model", "data_digest": "d", "target": "direction", "split_hash": "s", "leak": "none"}


def trained(client: MlflowClient, score: float, **tags: str) -> Chosen:
    """A finished run with a model, and a score to be judged by."""
    with mlflow.start_run(experiment_id=store.experiment_id(client, "q"), tags=ABOUT | tags) as made:
        mlflow.log_metric("cv/accuracy", score)
        mlflow.pyfunc.log_model(name="m", loader_module="json", pip_requirements=[])
    return chosen_run.named(client, made.info.run_id, "cv/accuracy", LeakGate.warn)


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
    champion.register(client, second, "m", Gate(dummy=False, champion=False, leak=LeakGate.warn))
    assert aliases(client) == {"champion": "2", "previous": "1"}


def test_a_champion_that_is_registered_again_stays_the_same_version(project: Path) -> None:
    client = store.connect(None)
    chosen = trained(client, 0.8)
    for _ in range(2):
        version, found = champion.register(client, chosen, "m", RULES)
        assert version.version == "1" and aliases(client) == {"champion": "1"}
    assert found.gates[-1].reason == "this run is version 1, the champion"


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
    with pytest.raises(BadInput, match="name=m: no such registered model"):
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
    assert champion.ruling(client, leaky, "m", Gate(False, True, LeakGate.refuse)).alias is None


SCRIPT = """
import sys
from dge_experiments.settings.choices import LeakGate
from dge_experiments.settings.commands import Gate
from dge_experiments.tracking import champion, chosen, store
client = store.connect(None)
chosen = chosen.named(client, sys.argv[1], "cv/accuracy", LeakGate.warn)
champion.register(client, chosen, "m", Gate(dummy=False, champion=True, leak=LeakGate.warn))
"""
WITHOUT = """
import contextlib, dge_experiments.tracking.champion as c
c._lock = lambda name: contextlib.nullcontext()
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


def test_a_store_that_fails_crowns_nobody(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error on looking up the champion was taken for "there is none yet"."""
    client = store.connect(None)
    champion.register(client, trained(client, 0.9), "m", RULES)
    better = trained(client, 0.95)

    def away(*given: object) -> None:
        raise MlflowException("the store is away", error_code=TEMPORARILY_UNAVAILABLE)

    with monkeypatch.context() as outage:
        outage.setattr(client, "get_registered_model", away)
        with pytest.raises(MlflowException, match="the store is away"):
            champion.ruling(client, better, "m", RULES)
        with pytest.raises(MlflowException):
            champion.register(client, better, "m", RULES)
    assert aliases(client) == {"champion": "1"}


def test_a_tie_is_a_challenger_and_never_dethrones(project: Path) -> None:
    client = store.connect(None)
    for score in (0.9, 0.9):
        _, found = champion.register(client, trained(client, score), "m", RULES)
    assert aliases(client) == {"champion": "1", "challenger": "2"} and found.alias == "challenger"


def test_a_model_page_shows_its_versions(project: Path) -> None:
    client = store.connect(None)
    chosen = trained(client, 0.9)
    champion.register(client, chosen, "m", RULES)
    champion.register(client, chosen, "other", RULES)
    (output,) = chosen.run.outputs.model_outputs
    shown = json.loads(client.get_logged_model(output.model_id).tags["mlflow.modelVersions"])
    assert shown == [{"name": "m", "version": "1"}, {"name": "other", "version": "1"}]


@pytest.mark.parametrize("tag", ["leak", "carries_label"])
def test_the_honest_model_of_a_run_that_reads_its_answer_is_what_is_registered(
    project: Path, tag: str
) -> None:
    client = store.connect(None)
    with mlflow.start_run(
        experiment_id=store.experiment_id(client, "q"), tags=ABOUT | {tag: "logFC, t"}
    ) as made:
        mlflow.log_metrics({"cv/accuracy": 1.0, "honest/cv/accuracy": 0.6, "honest/test/accuracy": 0.55})
        for name in ("m-honest", "m"):
            mlflow.pyfunc.log_model(name=name, loader_module="json", pip_requirements=[])
    chosen = chosen_run.best(client, "q", None, LeakGate.honest)
    assert chosen.honest and chosen.without == ("logFC", "t") and chosen.row.score(chosen.metric) == 0.6
    gate = Gate(dummy=False, champion=True, leak=LeakGate.honest)
    version, found = champion.register(client, chosen, "m", gate)
    assert found.alias == "champion"
    kept = client.get_model_version("m", version.version)
    assert (
        kept.tags["reading"] == "honest"
        and kept.tags["leak"] == "none"
        and "carries_label" not in kept.tags
        and kept.tags["without"] == "logFC, t"
    )
    models = {
        m.name: m.model_id
        for o in made_outputs(client, made.info.run_id)
        for m in [client.get_logged_model(o)]
    }
    assert models["m-honest"] in kept.source
    given = chosen_run.named(client, made.info.run_id[:8], None, LeakGate.warn)
    again, _ = champion.register(client, given, "m", Gate(False, False, LeakGate.warn))
    as_given = client.get_model_version("m", "2")
    assert again.version == "2" and models["m"] in as_given.source
    assert as_given.tags[tag] == "logFC, t"
    assert as_given.description.startswith("**LEAK: " if tag == "leak" else "**Nearly the answer")
    with pytest.raises(
        BadInput, match="gate.leak=refuse: no score of q is earned .of the newest run logFC and t"
    ):
        chosen_run.best(client, "q", None, LeakGate.refuse)
    clean = trained(client, 0.7)
    assert chosen_run.best(client, "q", None, LeakGate.refuse).run.info.run_id == clean.run.info.run_id


def made_outputs(client: MlflowClient, run_id: str) -> list[str]:
    return [output.model_id for output in client.get_run(run_id).outputs.model_outputs]


def test_every_experiment_is_seen_however_many(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = store.connect(None)
    monkeypatch.setattr(parents, "PAGE", 2)
    for name in "abcde":
        store.experiment_id(client, name)
    assert {"a", "b", "c", "d", "e"} <= set(parents.experiments(client).values())
