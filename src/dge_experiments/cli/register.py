"""``dge-experiments register``: the best finished run becomes a version of a registered model."""

import json
from typing import TYPE_CHECKING, Any

from dge_experiments.cli.launch import start
from dge_experiments.errors import BadInput
from dge_experiments.settings import read
from dge_experiments.settings.choices import TextFormat
from dge_experiments.settings.commands import Registration

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from dge_experiments.evaluation.gates import Ruling
    from dge_experiments.tracking.registry import Chosen


def main() -> None:
    """Register the best finished model of an experiment and give it the alias it has earned."""
    start(register, "register", Registration)


def register(cfg: "DictConfig") -> None:
    """Take the best parent run by a metric, or the one named, put it through the gates and register its model."""
    settings = read(cfg, Registration)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: a registry needs a store; use tracking=local or tracking=server")
    from dge_experiments.cli import console
    from dge_experiments.tracking import champion, registry, store

    client = store.connect(settings.tracking.uri)
    text = settings.format == TextFormat.text
    if settings.rollback:
        name = settings.name or settings.question or registry.newest_experiment(client)
        new, old = champion.rollback(client, name, settings.dry_run)
        if text:
            now = "would be" if settings.dry_run else "is"
            console.tell(name=name, champion=f"version {new} {now} champion again, version {old} previous")
        else:
            print(json.dumps({"name": name, "aliases": {"champion": new, "previous": old}}))
        return
    gate = settings.gate
    if settings.run:
        chosen = registry.named(client, settings.run, settings.metric, gate.leak)
    else:
        experiment = settings.question or registry.newest_experiment(client)
        chosen = registry.best(client, experiment, settings.metric, gate.leak)
    name = settings.name or chosen.row.experiment
    ruling = champion.ruling(client, chosen, name, gate)
    if ruling.alias is None:
        raise BadInput(f"run={chosen.run.info.run_id}: not registered; {'; '.join(ruling.reasons)}")
    version = None
    if not settings.dry_run:
        made, ruling = champion.register(client, chosen, name, gate)
        version = made.version
    held = champion.aliases(client, name)
    if text:
        _tell(chosen, name, version, ruling, held)
        console.tell(ui=store.ui()[1])
    else:
        print(json.dumps(_plain(chosen, name, version, ruling, held), indent=1))


def _tell(chosen: "Chosen", name: str, version: str | None, ruling: "Ruling", held: dict[str, str]) -> None:
    from dge_experiments.cli import console
    from dge_experiments.tracking import registry

    run = chosen.run.info
    console.tell(run=f"{run.run_name} {run.run_id} of {chosen.row.experiment}: {chosen.why}")
    if chosen.honest:
        console.tell(model=f"the honest pipeline, without {', '.join(chosen.without)}")
    console.tell(**registry.scores(chosen))
    if chosen.metric.part == "test":
        console.warn(f"metric={chosen.metric}: {_SELECTED}")
    for gate in ruling.gates:
        if gate.name == "leak":
            console.warn(f"LEAK     {gate.reason}")
        else:
            console.tell(**{gate.name: gate.reason})
    if version is None:
        console.tell(name=name, result=f"none made (dry_run=true): it would become {ruling.alias}")
        return
    own = _own(version, held)
    others = "".join(f"; {alias} is version {n}" for alias, n in sorted(held.items()) if n != version)
    result = f"version {version} is {', '.join(own) or 'no alias'}{others}"
    console.tell(name=name, result=result, uri=_uri(name, version, held))


def _plain(
    chosen: "Chosen", name: str, version: str | None, ruling: "Ruling", held: dict[str, str]
) -> dict[str, Any]:
    """The registration in plain values."""
    return {
        "run_id": chosen.run.info.run_id,
        "model": chosen.row.model,
        "honest": chosen.honest,
        "without": list(chosen.without),
        "metric": str(chosen.metric),
        "score": chosen.row.score(chosen.metric),
        "why": chosen.why,
        "gates": [{"name": g.name, "passed": g.passed, "reason": g.reason} for g in ruling.gates],
        "name": name,
        "version": version,
        "alias": ruling.alias,
        "aliases": held,
        "uri": None if version is None else _uri(name, version, held),
        "warnings": [_SELECTED] if chosen.metric.part == "test" else [],
    }


_SELECTED = "chosen by the held-out genes, whose score is then too good; cv/... has not seen them"


def _own(version: str, held: dict[str, str]) -> list[str]:
    return [alias for alias, number in sorted(held.items()) if number == version]


def _uri(name: str, version: str, held: dict[str, str]) -> str:
    own = _own(version, held)
    return f"models:/{name}@{own[0]}" if own else f"models:/{name}/{version}"
