"""The aliases of a registered model: ``champion``, ``challenger`` and ``previous``."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import mlflow
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.gates import Candidate, Ruling, judge
from dge_experiments.evaluation.leaderboard import COMPARABLE
from dge_experiments.tracking import parents
from dge_experiments.tracking.folder import database_file
from dge_experiments.tracking.registry import Version

ATTEMPTS = 5


@dataclass(frozen=True)
class Rules:
    """Which gates stand; see ``evaluation.gates.judge``."""

    dummy: bool
    champion: bool
    leak: str


def ruling(client: MlflowClient, run: Run, name: str, metric: str, rules: Rules) -> Ruling:
    """What would become of the model of ``run`` in the registered model ``name``; changes nothing.

    Raises
    ------
    BadInput
        ``leak`` is neither ``warn`` nor ``refuse``
    """
    if rules.leak not in ("warn", "refuse"):
        raise BadInput(f"gate.leak={rules.leak}: must be warn or refuse")
    now = _holder(client, name, "champion")
    present = None
    if now is not None and now[1] != run.info.run_id:
        present = _candidate(client, client.get_run(now[1]), f"version {now[0]}")
    return judge(
        _candidate(client, run, "this run"), present, metric,
        dummy=rules.dummy, beat=rules.champion, leak=rules.leak,
    )  # fmt: skip


def crown(client: MlflowClient, version: Version, rules: Rules) -> Ruling:
    """Give ``version`` the alias that it has earned.

    An alias is moved in one write and the champion's is never taken away, so that there is always one and never
    two. After the write the aliases are read again: where another registration came between, it is judged anew
    against that one. On a SQLite store a file lock keeps registrations apart.
    """
    with _alone(version.name):
        for _ in range(ATTEMPTS):
            found = ruling(client, version.run, version.name, version.metric, rules)
            if found.alias is None:
                break
            before = _holder(client, version.name, "champion")
            if found.alias == "challenger":
                client.set_registered_model_alias(version.name, "challenger", version.version)
                break
            if before is not None and before[0] == version.version:
                break
            client.set_registered_model_alias(version.name, "champion", version.version)
            if before is not None:
                client.set_registered_model_alias(version.name, "previous", before[0])
            _drop(client, version.name, "challenger", version.version)
            after = _holder(client, version.name, "champion")
            if after is not None and after[0] == version.version:
                break
    return found


def rollback(client: MlflowClient, name: str, dry_run: bool) -> tuple[str, str]:
    """Make the previous champion champion again, and the champion previous: (new, old) version.

    Raises
    ------
    BadInput
        there is no previous champion
    """
    with _alone(name):
        previous, now = _holder(client, name, "previous"), _holder(client, name, "champion")
        if previous is None or now is None:
            raise BadInput(f"rollback=true: {name} has no previous champion to go back to")
        if not dry_run:
            client.set_registered_model_alias(name, "champion", previous[0])
            client.set_registered_model_alias(name, "previous", now[0])
        return previous[0], now[0]


def _holder(client: MlflowClient, name: str, alias: str) -> tuple[str, str] | None:
    """Version and run id of the version that has the alias."""
    try:
        found = client.get_model_version_by_alias(name, alias)
    except MlflowException:
        return None
    return str(found.version), str(found.run_id)


def _drop(client: MlflowClient, name: str, alias: str, version: str) -> None:
    held = _holder(client, name, alias)
    if held is not None and held[0] == version:
        client.delete_registered_model_alias(name, alias)


def _candidate(client: MlflowClient, run: Run, called: str) -> Candidate:
    tags = run.data.tags
    return Candidate(
        name=called,
        metrics=run.data.metrics,
        about={key: tags.get(key, "none") for key in COMPARABLE},
        leak=tags.get("leak", "none"),
        folds=parents.folds(client, run.info.run_id),
        dealt=int(run.data.params.get("folds", 0)),
    )


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """A lock beside a SQLite store; a server's aliases are guarded by reading them again."""
    file = database_file(mlflow.get_registry_uri())
    if file is None:
        yield
        return
    with FileLock(file.with_name(f"{file.name}.register-{re.sub(r'[^0-9A-Za-z-]', '_', name)}.lock")):
        yield
