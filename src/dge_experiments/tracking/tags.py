"""Tags of a run: for filters in MLflow's UI, and to recognise the run that a search resumes."""

import hashlib
import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlflow.entities import Run

from dge_experiments.experiment.plan import Plan
from dge_experiments.settings import Settings, plain
from dge_experiments.settings.flat import is_setting
from dge_experiments.tables.fingerprint import content_digest

NOW = "now."  # before the name of a parameter: the tag with the value that replaced its first one
NOT_NAMED = (  # tags have it, or the result does not depend on it
    "data.path", "data.name", "features.extra", "compute.", "tracking.", "explanation.", "hydra.", "decision.",
)  # fmt: skip
NAMED = ("split", "evaluation")  # groups that have no tag
LONGEST_NAME = 250  # MLflow's limit is a little higher


def latest(run: Run) -> dict[str, str]:
    """The parameters of a run, each with its latest value."""
    changed = {key.removeprefix(NOW): value for key, value in run.data.tags.items() if key.startswith(NOW)}
    return run.data.params | changed


def leak_of(text: str) -> tuple[str, ...]:
    """The label sources in the tag ``leak``."""
    return () if text in ("none", "") else tuple(text.split(", "))


def leak_text(leak: Sequence[str]) -> str:
    """Label sources as the tag ``leak``."""
    return ", ".join(leak) or "none"


def run_name(tags: Mapping[str, str], command: str) -> str:
    """Model, search, the features unless all are used, and the settings in ``command``. Charts label a run's point with
    this name, and it distinguishes the runs of a sweep."""
    features = [] if tags["features"] == "all" else [tags["features"]]
    words = [word.lstrip("+") for word in shlex.split(command) if "=" in word]
    settings = {word.partition("=")[0]: word for word in words}  # the last value of a repeated key counts
    named = [
        word
        for key, word in settings.items()
        if key in NAMED or (is_setting(key) and not key.startswith(NOT_NAMED))
    ]
    name = ", ".join(["-".join([tags["model"], tags["search"], *features]), *named])
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def tags(settings: Settings, plan: Plan) -> dict[str, str]:
    """Tags to filter by; a parent and its children have the same, except ``role``."""
    problem, split, replication = plan.problem, plan.problem.split, plan.problem.labels.replication
    return {
        "role": "model",
        "model": settings.model.name,
        "search": str(settings.search.name) if plan.strategy.total > 1 else "none",
        "target": problem.target,
        "rule": problem.labels.rule,
        "features": problem.features,
        "scoring": settings.search.scoring,
        "data_digest": problem.table.digest,
        "split_hash": problem.split.hash,
        "sweep_id": settings.sweep_id,
        "leak": leak_text(problem.leak),
        "git_commit": _git_commit(),
        **({"carries_label": ", ".join(graded)} if (graded := problem.trained.graded) else {}),
        **({"shared_rows": shared.count} if (shared := problem.shared).rows else {}),
        **({"shared_leak": "yes"} if problem.shared.leaks else {}),
        **({"beyond_luck": "yes" if replication.beyond_luck else "no"} if replication else {}),
        **({"sample": f"{len(split.train)} of {len(split.full.train)}"} if split.full else {}),
    }


def own_tags(settings: Settings, plan: Plan, command: str) -> dict[str, str]:
    """Tags of a parent only, by which the run to resume is recognised."""
    problem = plan.problem
    table = problem.table
    own_columns = [content_digest(table.frame[list(table.own)])] if table.own else []
    data = [table.digest, problem.split.hash, *own_columns, *problem.X.columns]
    return {"command": command, "config_hash": fingerprint(settings, data)}


def fingerprint(settings: Settings, data: Sequence[str]) -> str:
    """First 12 hex digits of the SHA-256 of all that a trial's score depends on.

    ``data`` identifies the table, split and features. The number of trials, their time limit and where they run are
    not part of it.
    """
    values = plain(settings)
    configuration = {key: values[key] for key in ("target", "features", "split", "model", "search", "seed")}
    for section, key in (
        ("search", "n_trials"),
        ("search", "timeout"),
        ("model", "path"),
        ("model", "final_fit"),
    ):
        del configuration[section][key]
    text = json.dumps({**configuration, "seen": list(data)}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _git_commit() -> str:
    """Commit of the checkout that this package runs from, or "none" where it was installed."""
    checkout = Path(__file__).parents[3]
    if not (checkout / ".git").exists():
        return "none"
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "none"
