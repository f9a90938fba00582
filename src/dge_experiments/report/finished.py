"""The records of a finished experiment."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
import yaml

from dge_experiments.evaluation import rankings
from dge_experiments.evaluation.calibration import binning, reliability
from dge_experiments.experiment.result import Result
from dge_experiments.explanation.methods import methods
from dge_experiments.prediction.decision import ladder
from dge_experiments.prediction.reference import reference
from dge_experiments.prediction.score import training_ranges
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.report.held_out import membership, out_of_fold, precision_recall, roc
from dge_experiments.report.metrics import TABLE, logged, metrics, table
from dge_experiments.report.parameters import parameters, planned
from dge_experiments.report.records import (
    HONEST_MODEL,
    Data,
    Description,
    Frame,
    Metrics,
    Model,
    Params,
    Record,
    Text,
    requirements,
)
from dge_experiments.report.rows import predictions
from dge_experiments.report.scores import small_table
from dge_experiments.report.words.description import description
from dge_experiments.report.words.findings import verdicts
from dge_experiments.report.words.logged_model import logged_model
from dge_experiments.search.recall import written
from dge_experiments.settings import plain
from dge_experiments.tables.table import Finding


def records(experiment: Result, report: str, link: str = "") -> Iterator[Record]:
    """All records of a finished experiment, in order; tables without rows are left out.

    ``report`` is the report as HTML, ``link`` its address in the run's description.
    """
    for record in _records(experiment, report, link):
        if not (isinstance(record, Frame) and record.frame.empty):
            yield record


def _records(experiment: Result, report: str, link: str) -> Iterator[Record]:
    settings, plan, study = experiment.settings, experiment.plan, experiment.study
    problem, test = plan.problem, experiment.given.test
    yield Description(description(verdicts(experiment), small_table(experiment), link))
    yield Params(_params(experiment))
    label = problem.table.frame.assign(label=[problem.labels.classes[code] for code in problem.labels.y])
    yield Data(label, problem.table.name, problem.table.path, problem.table.digest, "label")
    yield Text("config.yaml", yaml.safe_dump(plain(settings), sort_keys=False))
    yield Frame("trials.csv", study.frame)
    if honest_search := experiment.own_search:
        yield Frame(f"{HONEST}/trials.csv", honest_search.frame)
    for reading, assessed in experiment.readings.items():
        folder = "cv" if reading == AS_GIVEN else reading
        yield Frame(f"{folder}/folds.csv", pd.DataFrame(assessed.cv.folds))
    yield Frame("cv/predictions.csv", out_of_fold(experiment))
    yield Frame("leak_audit.csv", problem.audit.tiers)
    yield Frame("findings.csv", _findings(problem.table.findings))
    if replication := problem.labels.replication:
        yield Frame("replication.csv", replication.genes)
        yield Frame("rankings.csv", rankings.frame(experiment.rankings))
    yield Frame("test/per_class.csv", test.per_class)
    yield Frame("test/confusion.csv", test.confusion.reset_index())
    yield Frame("test/predictions.csv", predictions(experiment))
    yield Frame("test/roc.csv", roc(experiment))
    yield Frame("test/precision_recall.csv", precision_recall(experiment))
    yield Frame("split.csv", membership(problem))
    if (probability := test.prediction.probability) is not None:
        chance = probability[:, 1] if probability.shape[1] == 2 else probability
        yield Frame("test/reliability.csv", reliability(test.y, chance, strategy=binning(test.y)))
        if problem.labels.replication:
            yield Frame("test/top.csv", ladder(test.y, chance))
    yield from _explanations(experiment)
    yield Text("report.html", report)
    for reading in reversed(list(experiment.readings)):  # the model that is logged last is the run's model
        yield _model(experiment, reading)
    numbers = {name: value for name, value in metrics(experiment).items() if np.isfinite(value)}
    yield Frame(TABLE, table(numbers))
    yield Metrics(
        logged(numbers, settings.search.scoring)
    )  # after the table and the model that they describe


def _findings(findings: Sequence[Finding]) -> pd.DataFrame:
    """Rows are findings; ``rows`` are line numbers with blanks between."""
    return pd.DataFrame(
        [{**asdict(finding), "rows": " ".join(map(str, finding.rows))} for finding in findings]
    )


def _model(experiment: Result, reading: str) -> Model:
    """The fitted model of a reading; the name of the honest one says so."""
    settings, problem, assessed = experiment.settings, experiment.plan.problem, experiment.readings[reading]
    columns, parts = problem.readings[reading], problem.split
    leak, graded = ([c for c in columns if c in which] for which in (problem.leak, problem.trained.graded))
    bounds = experiment.bounds if reading == AS_GIVEN else None
    training = problem.X[columns].iloc[parts.train]
    return Model(
        settings.model.name + (HONEST_MODEL if reading == HONEST else ""),
        assessed.model,
        problem.X[columns].iloc[parts.test],
        assessed.test.prediction.predicted,
        requirements(assessed.pipeline),
        {
            "classes": list(problem.labels.classes),
            "leak": ", ".join(leak) or "none",
            **({"carries_label": ", ".join(graded)} if graded else {}),
            **({"shared_rows": problem.shared.count} if problem.shared.leaks else {}),
            "target": problem.target,
            "rule": problem.labels.rule,
            "rates": [float(rate) for rate in np.bincount(problem.labels.y[parts.train]) / len(parts.train)],
            "calibration": assessed.adjustment.method,
            "calibration_asked": str(settings.calibration),
            "threshold": assessed.adjustment.threshold,
            "training_ranges": training_ranges(training),
            "reference": reference(training),
            **({"decision": bounds.metadata} if bounds else {}),
        },
        logged_model(experiment, reading),
        parameters(assessed.pipeline[-1]) | {"columns": ", ".join(columns)},
    )


def _params(experiment: Result) -> dict[str, str]:
    """The best candidate's parameters are beside the estimator's other ones, as MLflow lists them."""
    study, chosen = experiment.study, experiment.given.adjustment
    best = {name: written(value) for name, value in study.best.candidate.items()}
    own_search = experiment.own_search
    honest = own_search.best.candidate if own_search else {}
    return (
        parameters(experiment.plan.pipeline[-1])
        | best
        | planned(experiment.settings, experiment.plan)
        | {"trials": str(len(study.trials))}
        | {"chosen_calibration": chosen.method, "chosen_threshold": f"{chosen.threshold:.6g}"}
        | best
        | {f"{HONEST}/{name}": written(value) for name, value in honest.items()}
    )


def _explanations(experiment: Result) -> Iterator[Record]:
    """The frames of every explanation, and of the search diagnostics."""
    explanation, search = experiment.explanation, experiment.diagnostics
    for method in methods():
        if method.name in explanation.found:
            for path, frame in method.frames(explanation.found[method.name]).items():
                yield Frame(path, frame)
    if explanation.agreement:
        yield Frame("importance/ranks.csv", explanation.agreement.ranks)
    if search:
        yield Frame("search/history.csv", search.history)
        yield Frame("search/importance.csv", search.importance)
        yield Frame("search/edges.csv", search.edges)
