"""The door to the registry: ``python -m dge_experiments.register [key=value ...]``."""

from typing import TYPE_CHECKING

from dge_experiments.errors import BadInput
from dge_experiments.launch import start
from dge_experiments.settings import Registration, read

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main() -> None:
    """Register the best finished model of an experiment and give it an alias."""
    start(register, "register", Registration)


def register(cfg: "DictConfig") -> None:
    """Take the best parent run by a metric, or the one named, and register its model."""
    settings = read(cfg, Registration)
    if settings.tracking.name == "none":
        raise BadInput("tracking=none: a registry needs a store; use tracking=local or tracking=server")
    from dge_experiments import console
    from dge_experiments.tracking import registry, store

    client = store.connect(settings.tracking.uri)
    if settings.run:
        run = registry.run(client, settings.run)
        experiment = client.get_experiment(run.info.experiment_id).name
        metric = settings.metric or f"cv/{run.data.tags.get('scoring', 'accuracy')}"
    else:
        experiment = settings.experiment or registry.newest_experiment(client)
        run, metric = registry.best(client, experiment, settings.metric)
    version = registry.register(client, run, settings.name or experiment, settings.alias, metric)
    leak = run.data.tags.get("leak", "unknown")
    console.tell(
        from_run=f"{run.info.run_name} {run.info.run_id} of {experiment}",
        score=f"{metric} {version.score:.4f}, majority baseline accuracy "
        f"{run.data.metrics.get('baseline/test/accuracy', float('nan')):.4f}",
        leak=leak if leak == "none" else f"{leak} (the label is made from it: the score is not earned)",
        name=version.name,
        version=version.version,
        uri=version.uri,
    )


if __name__ == "__main__":
    main()
