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
from dge_experiments.evaluation.run_row import COMPARABLE
from dge_experiments.tracking import parents, registry
from dge_experiments.tracking.folder import database_file
from dge_experiments.tracking.registry import Chosen, Version

ATTEMPTS = 5


@dataclass(frozen=True)
class Rules:
    """Which gates stand; see ``evaluation.gates.judge``."""

    dummy: bool
    champion: bool
    leak: str


def ruling(client: MlflowClient, chosen: Chosen, name: str, rules: Rules) -> Ruling:
    """What would become of the model of a run in the registered model ``name``; changes nothing.

    Raises
    ------
    BadInput
        a name that MLflow refuses
    """
    if not name.strip() or set(name) & set("/:"):
        raise BadInput(
            f"name={name}: a registered model's name may not hold / or :, choose another with name=NAME"
        )
    now = _holder(client, name, "champion")
    own = now is not None and now[1] == chosen.run.info.run_id
    present = None if now is None or own else _present(client, now)
    found = judge(
        _candidate(client, chosen.run, "this run"), present, chosen.metric,
        dummy=rules.dummy, beat=rules.champion, leak=rules.leak,
    )  # fmt: skip
    if now is None or not own or found.alias is None:
        return found
    return Ruling(found.alias, (*found.reasons[:-1], f"champion: this run is version {now[0]}, the champion"))


def register(client: MlflowClient, chosen: Chosen, name: str, rules: Rules) -> tuple[Version, Ruling]:
    """Make the model of a run a version of ``name`` and give it the alias that it has earned.

    An alias is moved in one write and the champion's is never taken away, so that there is always one and never
    two. After the write the aliases are read again: where another registration came between, it is judged anew
    against that one. On a SQLite store a file lock keeps registrations apart.
    """
    with _alone(name):
        version = registry.register(client, chosen, name)
        for _ in range(ATTEMPTS):
            found = ruling(client, chosen, name, rules)
            before = _holder(client, name, "champion")
            if found.alias is None or (before is not None and before[1] == chosen.run.info.run_id):
                break
            if found.alias == "challenger":
                client.set_registered_model_alias(name, "challenger", version.version)
                break
            client.set_registered_model_alias(name, "champion", version.version)
            if before is not None:
                client.set_registered_model_alias(name, "previous", before[0])
            _drop(client, name, "challenger", version.version)
            after = _holder(client, name, "champion")
            if after is not None and after[0] == version.version:
                break
    return version, found


def rollback(client: MlflowClient, name: str, dry_run: bool) -> tuple[str, str]:
    """Make the previous champion champion again, and the champion previous: (new, old) version.

    Raises
    ------
    BadInput
        no such registered model, or it has no previous champion
    """
    with _alone(name):
        known = sorted(model.name for model in client.search_registered_models())
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is none yet"
            raise BadInput(f"name={name}: no such registered model ({there})")
        previous, now = _holder(client, name, "previous"), _holder(client, name, "champion")
        if previous is None or now is None:
            raise BadInput(f"rollback=true: {name} has no previous champion to go back to")
        if not dry_run:
            client.set_registered_model_alias(name, "champion", previous[0])
            client.set_registered_model_alias(name, "previous", now[0])
        return previous[0], now[0]


def aliases(client: MlflowClient, name: str) -> dict[str, str]:
    """Alias -> version of the registered model ``name``; empty where there is no such model."""
    try:
        found = client.get_registered_model(name)
    except MlflowException:
        return {}
    return {alias: str(version) for alias, version in found.aliases.items()}


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


def _present(client: MlflowClient, holder: tuple[str, str]) -> Candidate:
    version, run_id = holder
    try:
        return _candidate(client, client.get_run(run_id), f"version {version}")
    except MlflowException:  # registered by hand from no run, or the run was deleted for good
        return Candidate(f"version {version}", {}, {}, "none")


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
