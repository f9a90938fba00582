"""``dge.register``: the best finished run becomes a version of a registered model, with the alias it has earned."""

from dataclasses import dataclass

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.gates import Ruling
from dge_experiments.settings.choices import LeakGate
from dge_experiments.settings.commands import Gate
from dge_experiments.tracking import champion, store
from dge_experiments.tracking import chosen as chosen_run
from dge_experiments.tracking.chosen import Chosen


@dataclass(frozen=True)
class Registered:
    """Attributes
    ----------
    name : of the registered model
    version : its new version, "" for a dry run
    aliases : alias -> version, of all versions that have one
    ruling : what the gates found
    chosen : the run, and why it was chosen
    """

    name: str
    version: str
    aliases: dict[str, str]
    ruling: Ruling
    chosen: Chosen

    @property
    def alias(self) -> str | None:
        """The alias of the version, None without one."""
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
    gates: Gate | None = None,
    tracking_uri: str | None = None,
    dry_run: bool = False,
) -> Registered:
    """Check the best finished run of a question, or the named ``run``, against the gates and register its model.

    Parameters
    ----------
    question : an MLflow experiment, ``DATA-TARGET``; default is that of the newest finished run
    run : a run id or its beginning, in place of the best
    metric : what runs are ranked by; default is the cross-validated score of the search
    name : of the registered model; default is the question
    gates : which gates apply; default is those of ``conf/register.yaml``
    tracking_uri : of the store; default is MLflow's own
    dry_run : say what would happen and change nothing

    Raises
    ------
    BadInput
        no such run, no finished run, a gate that fails
    """
    client, gate = store.connect(tracking_uri), gates or Gate(dummy=True, champion=True, leak=LeakGate.honest)
    if run:
        chosen = chosen_run.named(client, run, metric, gate.leak)
    else:
        chosen = chosen_run.best(client, question or chosen_run.newest_experiment(client), metric, gate.leak)
    name = name or chosen.row.experiment
    ruling = champion.ruling(client, chosen, name, gate)
    if ruling.alias is None:
        raise BadInput(f"run={chosen.run.info.run_id}: not registered; {'; '.join(ruling.reasons)}")
    if dry_run:
        return Registered(name, "", champion.aliases(client, name), ruling, chosen)
    version, ruling = champion.register(client, chosen, name, gate)
    return Registered(name, version.version, champion.aliases(client, name), ruling, chosen)
