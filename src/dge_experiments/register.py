"""The door to the registry: ``python -m dge_experiments.register [key=value ...]``."""

from typing import TYPE_CHECKING

from dge_experiments.commands import Registration
from dge_experiments.errors import BadInput
from dge_experiments.launch import start
from dge_experiments.settings import read

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Register the best finished model of an experiment and give it the alias it has earned."""
    start(register, "register", Registration, renamed={"experiment": "question"})


def register(cfg: "DictConfig") -> None:
    """Take the best parent run by a metric, or the one named, put it through the gates and register its model."""
    settings = read(cfg, Registration)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: a registry needs a store; use tracking=local or tracking=server")
    from dge_experiments import console
    from dge_experiments.tracking import champion, registry, store

    client = store.connect(settings.tracking.uri)
    if settings.rollback:
        name = settings.name or settings.question or registry.newest_experiment(client)
        new, old = champion.rollback(client, name, settings.dry_run)
        said = "would be" if settings.dry_run else "is"
        console.tell(name=name, champion=f"version {new} {said} champion again, version {old} previous")
        return
    if settings.run:
        run = registry.run(client, settings.run)
        experiment = client.get_experiment(run.info.experiment_id).name
        metric = settings.metric or f"cv/{run.data.tags.get('scoring', 'accuracy')}"
    else:
        experiment = settings.question or registry.newest_experiment(client)
        run, metric = registry.best(client, experiment, settings.metric)
    name, gate = settings.name or experiment, settings.gate
    rules = champion.Rules(gate.dummy, gate.champion, gate.leak)
    ruling = champion.ruling(client, run, name, metric, rules)
    if ruling.alias is None:
        raise BadInput(f"run={run.info.run_id}: not registered; {'; '.join(ruling.reasons)}")
    version = None
    if not settings.dry_run:
        version = registry.register(client, run, name, metric)
        ruling = champion.crown(client, version, rules)
    leak = run.data.tags.get("leak", "unknown")
    if leak != "none":
        console.warn(f"LEAK: {leak} (the label is made from it: the score is not earned)")
    console.tell(
        from_run=f"{run.info.run_name} {run.info.run_id} of {experiment}",
        score=f"{metric} {run.data.metrics.get(metric, float('nan')):.4f}, majority baseline accuracy "
        f"{run.data.metrics.get('baseline/test/accuracy', float('nan')):.4f}",
        gates=", ".join(ruling.reasons),
        name=name,
        version=version.version if version else f"none made (dry_run=true): it would become {ruling.alias}",
        uri=f"models:/{name}@{ruling.alias}" if version else "",
    )


if __name__ == "__main__":
    main()
