"""There is one champion, never two and never none, whoever registers at the same time."""

import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

from dge_experiments.errors import BadInput
from dge_experiments.tracking import champion, store
from dge_experiments.tracking.registry import Version

RULES = champion.Rules(dummy=False, champion=True, leak="warn")
ABOUT = {"data_digest": "d", "target": "direction", "split_hash": "s", "leak": "none"}


def version(client: MlflowClient, score: float, **tags: str) -> Version:
    run = client.create_run(store.experiment_id(client, "q"), tags=ABOUT | tags).info.run_id
    client.log_metric(run, "cv/accuracy", score)
    if not client.search_registered_models("name = 'm'"):
        client.create_registered_model("m")
    made = client.create_model_version("m", str(Path.cwd()), run_id=run)
    return Version("m", str(made.version), client.get_run(run), "cv/accuracy", score)


def aliases(client: MlflowClient) -> dict[str, str]:
    return {alias: str(v) for alias, v in client.get_registered_model("m").aliases.items()}


def test_the_aliases_follow_the_scores(project: Path) -> None:
    client = store.connect(None)
    for score, expected in (
        (0.8, {"champion": "1"}),
        (0.7, {"champion": "1", "challenger": "2"}),
        (0.9, {"champion": "3", "previous": "1", "challenger": "2"}),
        (0.95, {"champion": "4", "previous": "3", "challenger": "2"}),
    ):
        champion.crown(client, version(client, score), RULES)
        assert aliases(client) == expected


def test_a_challenger_that_is_crowned_is_no_challenger_any_more(project: Path) -> None:
    client = store.connect(None)
    champion.crown(client, version(client, 0.8), RULES)
    second = version(client, 0.7)
    champion.crown(client, second, RULES)
    champion.crown(client, second, champion.Rules(dummy=False, champion=False, leak="warn"))
    assert aliases(client) == {"champion": "2", "previous": "1"}


def test_rolling_back_twice_changes_nothing(project: Path) -> None:
    client = store.connect(None)
    with pytest.raises(BadInput, match="m has no previous champion"):
        champion.rollback(client, "m", dry_run=False)
    for score in (0.8, 0.9):
        champion.crown(client, version(client, score), RULES)
    assert champion.rollback(client, "m", dry_run=True) == ("1", "2")
    assert aliases(client) == {"champion": "2", "previous": "1"}
    champion.rollback(client, "m", dry_run=False)
    assert aliases(client) == {"champion": "1", "previous": "2"}
    champion.rollback(client, "m", dry_run=False)
    assert aliases(client) == {"champion": "2", "previous": "1"}


def test_a_gate_that_is_shut_gives_no_alias(project: Path) -> None:
    client = store.connect(None)
    leaky = version(client, 0.99, leak="logFC")
    found = champion.crown(client, leaky, champion.Rules(dummy=False, champion=True, leak="refuse"))
    assert found.alias is None and aliases(client) == {}
    with pytest.raises(BadInput, match="gate.leak=shout: must be warn or refuse"):
        champion.crown(client, leaky, champion.Rules(dummy=False, champion=True, leak="shout"))


SCRIPT = """
import sys
from dge_experiments.tracking import champion, store
from dge_experiments.tracking.registry import Version
client = store.connect(None)
number, run, score = sys.argv[1:]
rules = champion.Rules(dummy=False, champion=True, leak="warn")
champion.crown(client, Version("m", number, client.get_run(run), "cv/accuracy", float(score)), rules)
"""


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "as on a server, without"])
def test_registrations_at_once_leave_one_champion(project: Path, lock: bool) -> None:
    client = store.connect(None)
    champion.crown(client, version(client, 0.5), RULES)
    made = [version(client, score) for score in (0.9, 0.7, 0.8)]
    script = SCRIPT if lock else "import contextlib, dge_experiments.tracking.champion as c\n" \
        "c._alone = lambda name: contextlib.nullcontext()\n" + SCRIPT  # fmt: skip
    processes = [
        subprocess.Popen([sys.executable, "-c", script, v.version, v.run.info.run_id, str(v.score)])
        for v in made
    ]
    assert all(process.wait(120) == 0 for process in processes)
    held = aliases(client)
    assert held["champion"] == (made[0].version if lock else held["champion"])
    assert held["champion"] in {v.version for v in made}
    assert held["previous"] != held["champion"]
