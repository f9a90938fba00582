"""The aliases of a registered model: ``champion``, ``challenger`` and ``previous``."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace

import mlflow
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.gates import GateResult, Ruling, judge
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.settings.commands import Gate
from dge_experiments.tracking import parents, registry
from dge_experiments.tracking.chosen import Chosen
from dge_experiments.tracking.folder import database_file
from dge_experiments.tracking.registry import Version

ATTEMPTS = 5
CROWNED = "champion"  # tag of every version that has been it


def ruling(client: MlflowClient, chosen: Chosen, name: str, gate: Gate) -> Ruling:
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
    own = now is not None and _is(now, chosen)
    champion = None if now is None or own else _row(client, now)
    best = None if champion is None or gate.margin is None else _best_so_far(client, name, champion, chosen)
    found = judge(chosen.row, champion, chosen.metric, gate, best)
    if now is None or not own or found.alias is None:
        return found
    mine = GateResult("champion", True, f"this run is version {now.version}, the champion")
    return Ruling(found.alias, (*(each for each in found.gates if each.name != "champion"), mine))


def register(client: MlflowClient, chosen: Chosen, name: str, gate: Gate) -> tuple[Version, Ruling]:
    """Make the model of a run a version of ``name`` and give it the alias that it has earned.

    An alias is moved in one write and the champion's is never taken away, so that there is always one and never
    two. After the write the aliases are read again: where another registration came between, it is judged anew
    against that one. On a SQLite store a file lock keeps registrations apart.
    """
    with _alone(name):
        version = registry.register(client, chosen, name)
        for _ in range(ATTEMPTS):
            found = ruling(client, chosen, name, gate)
            before = _holder(client, name, "champion")
            if found.alias is None or (before is not None and _is(before, chosen)):
                break
            if found.alias == "challenger":
                client.set_registered_model_alias(name, "challenger", version.version)
                break
            client.set_registered_model_alias(name, "champion", version.version)
            client.set_model_version_tag(name, version.version, CROWNED, "yes")
            if before is not None:
                client.set_registered_model_alias(name, "previous", before.version)
            _drop(client, name, "challenger", version.version)
            if aliases(client, name).get("champion") == version.version:
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
        held = aliases(client, name)
        if not held:
            raise BadInput(f"name={name}: no such registered model, or it has no champion")
        previous, now = held.get("previous"), held.get("champion")
        if previous is None or now is None:
            raise BadInput(f"rollback=true: {name} has no previous champion to go back to")
        if not dry_run:
            client.set_registered_model_alias(name, "champion", previous)
            client.set_registered_model_alias(name, "previous", now)
        return previous, now


def aliases(client: MlflowClient, name: str) -> dict[str, str]:
    """Alias -> version of the registered model ``name``; empty where there is no such model.

    Raises
    ------
    MlflowException
        the store does not answer: nothing is decided on that
    """
    try:
        found = client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return {}
    return {alias: str(version) for alias, version in found.aliases.items()}


def _holder(client: MlflowClient, name: str, alias: str) -> ModelVersion | None:
    """The version that has the alias."""
    version = aliases(client, name).get(alias)
    return None if version is None else client.get_model_version(name, version)


def _is(version: ModelVersion, chosen: Chosen) -> bool:
    """Whether a version is of this run, in the same reading."""
    honest = version.tags.get("reading") == "honest"
    return bool(version.run_id == chosen.run.info.run_id and honest == chosen.honest)


def _drop(client: MlflowClient, name: str, alias: str, version: str) -> None:
    if aliases(client, name).get(alias) == version:
        client.delete_registered_model_alias(name, alias)


def _row(client: MlflowClient, version: ModelVersion) -> RunRow:
    """The run of a version, as it was registered; without ``about`` where it has none, or it was deleted for good."""
    label = f"version {version.version}"
    try:
        run = client.get_run(version.run_id) if version.run_id else None
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        run = None
    if run is None:
        return RunRow("", "none", "none", {}, {}, label=label)
    row = parents.row(client, run, {}, 0.0)
    return replace(row.as_honest if version.tags.get("reading") == "honest" else row, label=label)


def _best_so_far(client: MlflowClient, name: str, champion: RunRow, chosen: Chosen) -> RunRow:
    """Of all versions that have been champion and can be compared, the one with the best score."""
    crowned = [v for v in registry.versions(client, f"name = '{name}'") if v.tags.get(CROWNED) == "yes"]
    rows = [row for row in (_row(client, v) for v in crowned) if row.comparable == chosen.row.comparable]
    scored = [row for row in (*rows, champion) if row.score(chosen.metric) is not None]
    return max(scored, key=lambda row: chosen.metric.sign * (row.score(chosen.metric) or 0), default=champion)


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """A lock beside a SQLite store; a server's aliases are guarded by reading them again."""
    file = database_file(mlflow.get_registry_uri())
    if file is None:
        yield
        return
    with FileLock(file.with_name(f"{file.name}.register-{re.sub(r'[^0-9A-Za-z-]', '_', name)}.lock")):
        yield
