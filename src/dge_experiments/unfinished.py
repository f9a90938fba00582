"""What a search that has not ended leaves behind: by what it can be gone on with, and the best so far."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from dge_experiments.plan import Plan
from dge_experiments.search.study import Study
from dge_experiments.settings import Settings
from dge_experiments.tracking.records import Description, Frame, Metrics, Record


def tags(settings: Settings, plan: Plan, command: str) -> dict[str, str]:
    """Tags of a parent alone: by what its search can be gone on with."""
    problem = plan.problem
    seen = [problem.table.digest, problem.split.hash, *problem.X.columns]
    return {"command": command, "config_hash": fingerprint(settings, seen)}


def records(study: Study) -> Iterator[Record]:
    """What is written down about a search that was stopped: its trials and the best so far."""
    done = f"Stopped after {len(study.trials)} of {study.planned} trials"
    yield Frame("trials.csv", study.frame)
    if not study.finished:
        yield Description(f"**{done}.**")
        return
    best = ", ".join(f"{name}={value}" for name, value in study.best.candidate.items()) or "the defaults"
    score = study.best.mean(study.scoring)
    yield Description(f"**{done}.** Best so far: {best}, cross-validated {study.scoring} {score:.4f}.")
    yield Metrics({f"cv/{study.scoring}": score, f"cv/{study.scoring}_std": study.best.std(study.scoring)})


def fingerprint(settings: Settings, seen: Sequence[str]) -> str:
    """First 12 hex digits of the SHA-256 of all that a trial's score depends on: the same configuration.

    ``seen`` names the data: table, split, features. How many trials there are, how long they may take and where
    they run is not part of it.
    """
    given = asdict(settings)
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
