"""The log of a run: steps, retries, warnings, timings."""

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from dge_experiments.experiment.plan import Plan
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.search.engine import Trial

NAME = "run.log"
FORM = "%(asctime)s %(levelname)-7s %(message)s"
ROOT = logging.getLogger("dge_experiments")
log = logging.getLogger(__name__)


@contextmanager
def written(folder: Path) -> Iterator[Path]:
    """Inside the block, everything that this package logs is added to ``folder/run.log``; yields its path. Python's
    warnings are logged once each, instead of shown as two lines on the screen. A run that is refused before it logs
    anything writes no file."""
    file = folder / NAME
    handler = logging.FileHandler(file, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(FORM))
    level = ROOT.level
    ROOT.addHandler(handler)
    ROOT.setLevel(logging.INFO)
    try:
        with _warnings_logged():
            yield file
    finally:
        ROOT.removeHandler(handler)
        ROOT.setLevel(level)
        handler.close()


@contextmanager
def _warnings_logged() -> Iterator[None]:
    """Inside the block, a warning of Python is a line of the log."""
    logged: set[str] = set()

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        text = f"{category.__name__}: {' '.join(str(message).split())}"
        if text not in logged:
            log.warning("%s", text)
        logged.add(text)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def planned(plan: Plan) -> None:
    """What is going to run."""
    problem = plan.problem
    log.info("read %s as %s: %d genes", problem.table.path, problem.table.dialect, len(problem.X))
    for finding in problem.table.findings:
        log.info("%s: %s", finding.severity, finding.message)
    log.info(
        "question %s; features %s; label sources %s", problem.name, list(problem.X), problem.leak or "none"
    )
    log.info("search of %d trials on %d folds", plan.strategy.total, len(problem.split.folds))


def trial(finished: Trial, scoring: str, reading: str = AS_GIVEN) -> None:
    """One finished trial, with its reading unless that is as given, and the estimator's warnings."""
    name = f"trial {finished.number}" if reading == AS_GIVEN else f"{reading} trial {finished.number}"
    if finished.error:
        log.info("%s %s failed: %s", name, finished.candidate, finished.reason)
        return
    how = f"raced out after {len(finished.folds)} folds, " if finished.raced_out else ""
    values = name, finished.candidate, how, scoring, finished.mean(scoring), finished.fit_seconds
    log.info("%s %s: %s%s %.6f, %.2f s of fitting", *values)
    for warning in finished.warnings:
        log.info("%s warned: %s", name, warning)


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Log how long a step took."""
    start = time.perf_counter()
    yield
    log.info("%s took %.1f s", step, time.perf_counter() - start)
