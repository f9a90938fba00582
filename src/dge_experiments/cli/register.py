"""``dge-experiments register``: the best finished run becomes a version of a registered model."""

from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.errors import BadInput
from dge_experiments.settings import read
from dge_experiments.settings.commands import Registration

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from dge_experiments.api.register import Registered


def main() -> None:
    """Register the best finished model of an experiment and give it the alias it has earned."""
    start(register, "register", Registration)


def register(cfg: "DictConfig") -> None:
    """Take the best parent run by a metric, or the one named, put it through the gates and register its model."""
    settings = read(cfg, Registration)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: a registry needs a store; use tracking=local or tracking=server")
    from dge_experiments.api.register import register as register_run
    from dge_experiments.cli import console
    from dge_experiments.tracking import champion, registry, store

    gates = champion.Rules(settings.gate.dummy, settings.gate.champion, settings.gate.leak)
    if settings.rollback:
        client = store.connect(settings.tracking.uri)
        name = settings.name or settings.question or registry.newest_experiment(client)
        new, old = champion.rollback(client, name, settings.dry_run)
        change = "would be" if settings.dry_run else "is"
        console.tell(name=name, champion=f"version {new} {change} champion again, version {old} previous")
        return
    made = register_run(
        settings.question,
        run=settings.run,
        metric=settings.metric,
        name=settings.name,
        gates=gates,
        tracking_uri=settings.tracking.uri,
        dry_run=settings.dry_run,
    )
    run = made.chosen.run
    console.tell(run=f"{run.info.run_name} {run.info.run_id}: {made.chosen.why}")
    console.tell(**registry.scores(made.chosen))
    for gate_name, _, reason in (line.partition(": ") for line in made.ruling.reasons):
        if gate_name == "leak":
            console.warn(f"LEAK     {reason}")
        else:
            console.tell(**{gate_name: reason})
    console.tell(name=made.name, result=_result(made), uri=made.uri, ui=store.ui()[1])


def _result(made: "Registered") -> str:
    """What became of the model, and which versions hold the aliases."""
    if not made.version:
        return f"none made (dry_run=true): it would become {made.ruling.alias}"
    others = [f"{alias} is version {n}" for alias, n in sorted(made.aliases.items()) if n != made.version]
    return "; ".join([f"version {made.version} is {made.alias or 'without an alias'}", *others])
