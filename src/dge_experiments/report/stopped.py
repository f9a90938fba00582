"""The records of a search that was stopped before its end."""

from collections.abc import Iterator

from dge_experiments.report.records import Description, Frame, Metrics, Record
from dge_experiments.search.study import Study


def records(study: Study) -> Iterator[Record]:
    """The records of a search that was stopped: its trials and the best so far."""
    progress = f"Stopped after {len(study.trials)} of {study.planned} trials"
    yield Frame("trials.csv", study.frame)
    if not study.finished:
        yield Description(f"**{progress}.**")
        return
    best = ", ".join(f"{name}={value}" for name, value in study.best.candidate.items()) or "the defaults"
    score = study.best.mean(study.scoring)
    yield Description(f"**{progress}.** Best so far: {best}, cross-validated {study.scoring} {score:.4f}.")
    yield Metrics({f"cv/{study.scoring}": score, f"cv/{study.scoring}_std": study.best.std(study.scoring)})
