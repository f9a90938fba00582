"""``dge-experiments register``: the best finished run becomes a version of a registered model."""

from typing import TYPE_CHECKING

from dge_experiments.cli.launch import start
from dge_experiments.errors import BadInput
from dge_experiments.settings import read
from dge_experiments.settings.commands import Registration

if TYPE_CHECKING:
    from omegaconf import DictConfig


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
    if settings.rollback:
        name = settings.name or settings.question or registry.newest_experiment(client)
        new, old = champion.rollback(client, name, settings.dry_run)
        said = "would be" if settings.dry_run else "is"
        console.tell(name=name, champion=f"version {new} {said} champion again, version {old} previous")
        return
    if settings.run:
        chosen = registry.named(client, settings.run, settings.metric)
        experiment = client.get_experiment(chosen.run.info.experiment_id).name
    else:
        experiment = settings.question or registry.newest_experiment(client)
        chosen = registry.best(client, experiment, settings.metric)
    name, gate, run = settings.name or experiment, settings.gate, chosen.run
    rules = champion.Rules(gate.dummy, gate.champion, gate.leak)
    ruling = champion.ruling(client, chosen, name, rules)
    if ruling.alias is None:
        raise BadInput(f"run={run.info.run_id}: not registered; {'; '.join(ruling.reasons)}")
    made = f"none made (dry_run=true): it would become {ruling.alias}"
    uri = ""
    if not settings.dry_run:
        version, ruling = champion.register(client, chosen, name, rules)
        held = champion.aliases(client, name)
        mine = [alias for alias, number in sorted(held.items()) if number == version.version] or ["no alias"]
        others = [f"{alias} is version {n}" for alias, n in sorted(held.items()) if n != version.version]
        made = f"version {version.version} is {', '.join(mine)}" + "".join(f"; {other}" for other in others)
        uri = f"models:/{name}@{mine[0]}"
    console.tell(run=f"{run.info.run_name} {run.info.run_id} of {experiment}: {chosen.why}")
    console.tell(**registry.scores(chosen))
    for gate_name, _, reason in (line.partition(": ") for line in ruling.reasons):
        if gate_name == "leak":
            console.warn(f"LEAK     {reason}")
        else:
            console.tell(**{gate_name: reason})
    console.tell(name=name, result=made, uri=uri, ui=store.ui()[1])
