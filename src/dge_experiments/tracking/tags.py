"""Tags of a run: what people filter by, and what a resumed search is recognised by."""

import hashlib
import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from dge_experiments.experiment.plan import Plan
from dge_experiments.settings import Settings, plain
from dge_experiments.settings.flat import is_setting
from dge_experiments.tables.fingerprint import content_digest

NOT_NAMED = (  # tags say it, or the result does not depend on it
    "data.path", "data.name", "features.extra", "compute.", "tracking.", "explanation.", "hydra.", "decision.",
)  # fmt: skip
NAMED = ("split", "evaluation")  # groups that no tag says
LONGEST_NAME = 250  # MLflow's is a little longer


def leak_of(text: str) -> tuple[str, ...]:
    """The label sources in the tag ``leak``."""
    return () if text in ("none", "") else tuple(text.split(", "))


def leak_text(leak: Sequence[str]) -> str:
    """Label sources as the tag ``leak``."""
    return ", ".join(leak) or "none"


def run_name(tags: Mapping[str, str], command: str) -> str:
    """Model and search, the features where they are not all, and the settings that ``command`` gives: what charts write
    beside a run's point, and what tells the runs of a sweep apart."""
    features = [] if tags["features"] == "all" else [tags["features"]]
    words = [word.lstrip("+") for word in shlex.split(command) if "=" in word]
    given = {
        word.partition("=")[0]: word for word in words
    }  # of a key that is there twice the last one counts
    shown = [
        word
        for key, word in given.items()
        if key in NAMED or (is_setting(key) and not key.startswith(NOT_NAMED))
    ]
    name = ", ".join(["-".join([tags["model"], tags["search"], *features]), *shown])
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def tags(settings: Settings, plan: Plan) -> dict[str, str]:
    """Words to filter by; the same on a parent and its children but for ``role``."""
    problem, parts, found = plan.problem, plan.problem.split, plan.problem.labels.replication
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
        **({"beyond_luck": "yes" if found.beyond_luck else "no"} if found else {}),
        **({"sample": f"{len(parts.train)} of {len(parts.full.train)}"} if parts.full else {}),
    }


def own_tags(settings: Settings, plan: Plan, command: str) -> dict[str, str]:
    """Tags of a parent alone: what a resumed search is recognised by."""
    problem = plan.problem
    table = problem.table
    own = [content_digest(table.frame[list(table.own)])] if table.own else []
    seen = [table.digest, problem.split.hash, *own, *problem.X.columns]
    return {"command": command, "config_hash": fingerprint(settings, seen)}


def fingerprint(settings: Settings, seen: Sequence[str]) -> str:
    """First 12 hex digits of the SHA-256 of all that a trial's score depends on: the same configuration.

    ``seen`` names the data: table, split, features. How many trials there are, how long they may take and where
    they run is not part of it.
    """
    given = plain(settings)
    what = {key: given[key] for key in ("target", "features", "split", "model", "search", "seed")}
    for section, key in (
        ("search", "n_trials"),
        ("search", "timeout"),
        ("model", "path"),
        ("model", "final_fit"),
    ):
        del what[section][key]
    text = json.dumps({**what, "seen": list(seen)}, sort_keys=True, default=str)
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
