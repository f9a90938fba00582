"""What a tracked run holds, seen as an engineer sees it in MLflow."""

import json
from collections import defaultdict
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.entities import Run

from dge_experiments.experiment.result import Result
from dge_experiments.tracking.tags import latest

MOST_METRICS, MORE_PER_TABLE = 40, 4


def metrics_can_be_scanned(run: Run, further_tables: int = 0) -> None:
    """At most 40 metrics, and four more for each further table."""
    assert len(run.data.metrics) <= MOST_METRICS + MORE_PER_TABLE * further_tables, sorted(run.data.metrics)


def parameters_are_whole(run: Run, children: list[Run], result: Result) -> None:
    """Parent and children have every parameter that scikit-learn's estimator has a value for, and what was tried."""
    unset = (None, "deprecated")
    given = {k: v for k, v in result.plan.pipeline[-1].get_params().items() if v not in unset}
    trials = {int(child.data.tags["trial"]): child.data.params for child in children}
    pairs = [(trials[trial.number], trial.candidate) for trial in result.study.trials]
    for params, candidate in [*pairs, (latest(run), result.study.best.candidate)]:
        for name, value in {**given, **candidate}.items():
            if isinstance(value, str):
                assert params[name] == value
            elif isinstance(value, int | float | None):
                assert repr(json.loads(params[name])) == repr(value), name  # repr: nan is nan
            else:
                assert name in params


def artifacts_say_something_once(run: Run) -> None:
    """No table without rows, no file without content, and no two files of one content, whatever their format."""
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=run.info.artifact_uri))
    contents = defaultdict(list)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_text()
        assert content.strip() not in ("", "[]", "{}"), file
        if file.suffix in (".csv", ".json"):
            frame = pd.read_csv(file) if file.suffix == ".csv" else pd.DataFrame(json.loads(content))
            assert len(frame), file
            content = frame.to_csv(index=False)
        contents[content].append(str(file.relative_to(folder)))
    doubled = [names for names in contents.values() if len(names) > 1]
    scores, scoring = run.data.metrics, run.data.tags["scoring"]
    if scores[f"cv/{scoring}"] == scores.get(
        f"honest/cv/{scoring}"
    ):  # a constant answer, with and without label sources
        doubled = [names for names in doubled if not any(name.startswith("honest/") for name in names)]
    assert not doubled, doubled
