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
CROWNED = "champion"  # tag of every version that is or was champion


def ruling(client: MlflowClient, chosen: Chosen, name: str, gate: Gate) -> Ruling:
    """The alias that the model of a run would get in the registered model ``name``, and why; changes nothing.

    Raises
    ------
    BadInput
        a name that MLflow refuses
    """
    if not name.strip() or set(name) & set("/:"):
        raise BadInput(
            f"name={name}: a registered model's name may not hold / or :, choose another with name=NAME"
        )
    holder = _holder(client, name, "champion")
    same = holder is not None and _is_of(holder, chosen)
    champion = None if holder is None or same else _row(client, holder)
    best = None if champion is None or gate.margin is None else _best_so_far(client, name, champion, chosen)
    decision = judge(chosen.row, champion, chosen.metric, gate, best)
    if holder is None or not same or decision.alias is None:
        return decision
    passed = GateResult("champion", True, f"this run is version {holder.version}, the champion")
    others = (result for result in decision.gates if result.name != "champion")
    return Ruling(decision.alias, (*others, passed))


def register(client: MlflowClient, chosen: Chosen, name: str, gate: Gate) -> tuple[Version, Ruling]:
    """Make the model of a run a version of ``name`` and give it the alias that its gates allow.

    The champion's alias is moved in one write and never deleted, so that there is always exactly one champion.
    After the write the aliases are read again: if another registration changed them meanwhile, the model is judged
    against the new champion. On a SQLite store a file lock makes registrations wait for each other.
    """
    with _lock(name):
        version = registry.register(client, chosen, name)
        for _ in range(ATTEMPTS):
            decision = ruling(client, chosen, name, gate)
            before = _holder(client, name, "champion")
            if decision.alias is None or (before is not None and _is_of(before, chosen)):
                break
            if decision.alias == "challenger":
                client.set_registered_model_alias(name, "challenger", version.version)
                break
            client.set_registered_model_alias(name, "champion", version.version)
            client.set_model_version_tag(name, version.version, CROWNED, "yes")
            if before is not None:
                client.set_registered_model_alias(name, "previous", before.version)
            _delete_alias(client, name, "challenger", version.version)
            if aliases(client, name).get("champion") == version.version:
                break
    return version, decision


def rollback(client: MlflowClient, name: str, dry_run: bool) -> tuple[str, str]:
    """Swap the aliases ``champion`` and ``previous``; returns the new and the old champion's version.

    Raises
    ------
    BadInput
        no such registered model, or it has no previous champion
    """
    with _lock(name):
        versions = aliases(client, name)
        if not versions:
            raise BadInput(f"name={name}: no such registered model, or it has no champion")
        previous, champion = versions.get("previous"), versions.get("champion")
        if previous is None or champion is None:
            raise BadInput(f"rollback=true: {name} has no previous champion to go back to")
        if not dry_run:
            client.set_registered_model_alias(name, "champion", previous)
            client.set_registered_model_alias(name, "previous", champion)
        return previous, champion


def aliases(client: MlflowClient, name: str) -> dict[str, str]:
    """Alias -> version of the registered model ``name``; empty if there is no such model.

    Raises
    ------
    MlflowException
        the store does not answer; this is not the same as "no such model"
    """
    try:
        model = client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return {}
    return {alias: str(version) for alias, version in model.aliases.items()}


def _holder(client: MlflowClient, name: str, alias: str) -> ModelVersion | None:
    """The version that has the alias, or None."""
    version = aliases(client, name).get(alias)
    return None if version is None else client.get_model_version(name, version)


def _is_of(version: ModelVersion, chosen: Chosen) -> bool:
    """Whether a version is the model of this run in the same reading (honest or as given)."""
    honest = version.tags.get("reading") == "honest"
    return bool(version.run_id == chosen.run.info.run_id and honest == chosen.honest)


def _delete_alias(client: MlflowClient, name: str, alias: str, version: str) -> None:
    if aliases(client, name).get(alias) == version:
        client.delete_registered_model_alias(name, alias)


def _row(client: MlflowClient, version: ModelVersion) -> RunRow:
    """The scores of a version's run, as given or honest; an empty row if it has no run or the run was purged."""
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
    """The version with the best score among the comparable ones that are or were champion."""
    crowned = [v for v in registry.versions(client, f"name = '{name}'") if v.tags.get(CROWNED) == "yes"]
    rows = [row for row in (_row(client, v) for v in crowned) if row.comparable == chosen.row.comparable]
    scored = [row for row in (*rows, champion) if row.score(chosen.metric) is not None]
    return max(scored, key=lambda row: chosen.metric.sign * (row.score(chosen.metric) or 0), default=champion)


@contextlib.contextmanager
def _lock(name: str) -> Iterator[None]:
    """A file lock beside a SQLite store. A server needs none: ``register`` reads its aliases again."""
    file = database_file(mlflow.get_registry_uri())
    if file is None:
        yield
        return
    with FileLock(file.with_name(f"{file.name}.register-{re.sub(r'[^0-9A-Za-z-]', '_', name)}.lock")):
        yield
