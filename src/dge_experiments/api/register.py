"""``dge.register``: the best finished run becomes a version of a registered model, with the alias it has earned."""

from dataclasses import dataclass

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.gates import Ruling
from dge_experiments.tracking import champion, registry, store
from dge_experiments.tracking.champion import Rules
from dge_experiments.tracking.registry import Chosen


@dataclass(frozen=True)
class Registered:
    """Attributes
    ----------
    name : of the registered model
    version : its new version, "" for a dry run
    aliases : alias -> version, of all versions that have one
    ruling : what the gates found
    chosen : the run, and why it was taken
    """

    name: str
    version: str
    aliases: dict[str, str]
    ruling: Ruling
    chosen: Chosen

    @property
    def alias(self) -> str | None:
        """The alias of the version, None where it has none."""
        return next((alias for alias, number in sorted(self.aliases.items()) if number == self.version), None)

    @property
    def uri(self) -> str:
        """What `load` takes: ``models:/NAME@champion``, or the version by its number."""
        if not self.version:
            return ""
        return f"models:/{self.name}@{self.alias}" if self.alias else f"models:/{self.name}/{self.version}"


def register(
    question: str | None = None,
    *,
    run: str | None = None,
    metric: str | None = None,
    name: str | None = None,
    gates: Rules | None = None,
    tracking_uri: str | None = None,
    dry_run: bool = False,
) -> Registered:
    """Put the best finished run of a question, or the one named, through the gates and register its model.

    Parameters
    ----------
    question : an MLflow experiment, ``DATA-TARGET``; default is that of the newest finished run
    run : a run id, in place of the best
    metric : what runs are ranked by; default is the cross-validated score of the search
    name : of the registered model; default is the question
    gates : which gates stand; default is those of ``conf/register.yaml``
    tracking_uri : of the store; default is MLflow's own
    dry_run : say what would happen and change nothing

    Raises
    ------
    BadInput
        no such run, no finished run, a gate that is not passed
    """
    client = store.connect(tracking_uri)
    if run:
        chosen = registry.named(client, run, metric)
        question = str(client.get_experiment(chosen.run.info.experiment_id).name)
    else:
        question = question or registry.newest_experiment(client)
        chosen = registry.best(client, question, metric)
    name, rules = name or question, gates or Rules(dummy=True, champion=True, leak="warn")
    ruling = champion.ruling(client, chosen, name, rules)
    if ruling.alias is None:
        raise BadInput(f"run={chosen.run.info.run_id}: not registered; {'; '.join(ruling.reasons)}")
    if dry_run:
        return Registered(name, "", champion.aliases(client, name), ruling, chosen)
    version, ruling = champion.register(client, chosen, name, rules)
    return Registered(name, version.version, champion.aliases(client, name), ruling, chosen)
