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

    from dge_experiments.api.register import Registered

SELECTED = "chosen by the held-out genes, whose score is then too good; cv/... has not seen them"


def main() -> None:
    """Register the best finished model of an experiment, with the alias that the gates allow."""
    start(register, "register", Registration)


def register(cfg: "DictConfig") -> None:
    """Check the best parent run by a metric, or the named one, against the gates and register its model."""
    settings = read(cfg, Registration)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: a registry needs a store; use tracking=local or tracking=server")
    if settings.rollback:
        _rollback(settings)
        return
    from dge_experiments.api.register import register as register_run

    registered = register_run(
        settings.question,
        run=settings.run,
        metric=settings.metric,
        name=settings.name,
        gates=settings.gate,
        tracking_uri=settings.tracking.uri,
        dry_run=settings.dry_run,
    )
    if settings.format == TextFormat.json:
        print(json.dumps(_plain(registered), indent=1))
    else:
        _tell(registered)


def _rollback(settings: Registration) -> None:
    from dge_experiments.cli import console
    from dge_experiments.tracking import champion, chosen, store

    client = store.connect(settings.tracking.uri)
    name = settings.name or settings.question or chosen.newest_experiment(client)
    new, old = champion.rollback(client, name, settings.dry_run)
    if settings.format == TextFormat.json:
        print(json.dumps({"name": name, "dry_run": settings.dry_run, "champion": new, "previous": old}))
        return
    change = "would be" if settings.dry_run else "is"
    console.tell(name=name, champion=f"version {new} {change} champion again, version {old} previous")


def _tell(registered: "Registered") -> None:
    from dge_experiments.cli import console
    from dge_experiments.tracking import registry, store

    chosen = registered.chosen
    run = chosen.run.info
    console.tell(run=f"{run.run_name} {run.run_id} of {chosen.row.experiment}: {chosen.why}")
    if chosen.honest:
        console.tell(model=f"the honest pipeline, without {', '.join(chosen.without)}")
    console.tell(**registry.scores(chosen))
    if chosen.metric.part == "test":
        console.warn(f"metric={chosen.metric}: {SELECTED}")
    for gate in registered.ruling.gates:
        if gate.name == "leak":
            console.warn(f"{'LEAK    ' if chosen.row.leaks else 'nearly  '} {gate.reason}")
        else:
            console.tell(**{gate.name: gate.reason})
    console.tell(name=registered.name, result=_result(registered), uri=registered.uri, ui=store.ui()[1])


def _result(registered: "Registered") -> str:
    """The new version with its alias, and the versions with the other aliases."""
    if not registered.version:
        return f"none made (dry_run=true): it would become {registered.ruling.alias}"
    other_aliases = [
        f"{alias} is version {n}"
        for alias, n in sorted(registered.aliases.items())
        if n != registered.version
    ]
    return "; ".join(
        [f"version {registered.version} is {registered.alias or 'without an alias'}", *other_aliases]
    )


def _plain(registered: "Registered") -> dict[str, Any]:
    """The registration as plain values."""
    chosen = registered.chosen
    return {
        "run_id": chosen.run.info.run_id,
        "model": chosen.row.model,
        "honest": chosen.honest,
        "without": list(chosen.without),
        "metric": str(chosen.metric),
        "score": chosen.row.score(chosen.metric),
        "why": chosen.why,
        "gates": [{"name": g.name, "passed": g.passed, "reason": g.reason} for g in registered.ruling.gates],
        "name": registered.name,
        "version": registered.version or None,
        "alias": registered.ruling.alias,
        "aliases": registered.aliases,
        "uri": registered.uri or None,
        "warnings": [SELECTED] if chosen.metric.part == "test" else [],
    }
