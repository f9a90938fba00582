"""Several studies as a report, and as records."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import yaml

from dge_experiments.evaluation.key import Key
from dge_experiments.evaluation.learner import SCORING
from dge_experiments.evaluation.unseen import ONE, best_model
from dge_experiments.experiment.studies import Studies
from dge_experiments.prediction.reference import reference
from dge_experiments.report.chapters import studies as chapters
from dge_experiments.report.metrics import TABLE, logged
from dge_experiments.report.metrics import table as as_table
from dge_experiments.report.page.page import Report
from dge_experiments.report.parameters import parameters
from dge_experiments.report.records import (
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
from dge_experiments.report.words.description import as_written, description
from dge_experiments.report.words.sentence import Sentence
from dge_experiments.studies.answers import NEEDED, answers
from dge_experiments.version import __version__

METHODS = (
    "A gene replicates where its logFC has the same sign and a P value below {alpha:g} in the second study. The share "
    "expected by luck is that of the second study's answers dealt among the genes at random, its range allows for a "
    "root mean square correlation between genes of 0.1 (Efron 2010). Each study was left out in turn: models were "
    "fitted on every ordered pair of the other studies, and scored on the pairs of the study left out; means and 95 % "
    "intervals (Student's t) are over the studies left out. Effects were combined by random effects (DerSimonian & "
    "Laird 1986) and by Stouffer's sum."
)
WORKS = (
    "DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2",
    "Efron 2010, doi:10.1198/jasa.2010.tm09129",
    "Stouffer et al. 1949, The American Soldier, volume 1, Princeton University Press",
)


def report(result: Studies, configuration: object, commands: Sequence[tuple[str, str]] = ()) -> Report:
    """The report of several studies; ``configuration`` is written as YAML."""
    first, second, *further = [Sentence("luck", text) for text in result.sentences]
    counts = ", ".join(f"{name} {len(study.frame):,}" for name, study in result.studies.items())
    return Report(
        title=f"{len(result.studies)} studies: what holds up in a study never seen?",
        subtitle=f"Genes: {counts}.",
        verdict=[first, second],
        details=further,
        leak=False,
        scores=chapters.small_board(result.unseen.board),
        findings=[
            (finding.severity, f"{name}: {finding.message}")
            for name, table in result.tables.items()
            for finding in table.findings
            if finding.severity != "info"
        ],
        chapters=chapters.chapters(result),
        methods=METHODS.format(alpha=result.alpha),
        citations=WORKS,
        configuration=yaml.safe_dump(configuration, sort_keys=False),
        commands=commands,
        footer=f"dge-experiments {__version__}.",
    )


def rule(result: Studies) -> str:
    """The rule of the label, as a clause."""
    return f"same sign of logFC and P.Value < {result.alpha:g} in a study never seen"


def metrics(result: Studies) -> dict[str, float]:
    """``unseen/<genes>/<method>`` (one table) and ``unseen/<genes>/<method>_others``, with limits; luck on average;
    ``cv/roc_auc`` of the chosen model on the first study's hits, over the studies left out."""
    values: dict[str, float] = {}
    for row in result.unseen.board.to_dict("records"):
        name = f"unseen/{row['genes']}/{row['method']}" + ("_others" if row["reads"] != "one table" else "")
        values |= {name: row["mean"], f"{name}_low": row["low"], f"{name}_high": row["high"]}
    pairs = result.replication
    for name in ("seen", "expected", "hits_seen", "hits_expected"):
        values[f"luck/{name.replace('_', '/')}"] = float(pairs[name].mean())
    values |= {"luck/pairs_beyond": float(pairs["beyond"].sum()), "pairs": float(len(pairs))}
    best, cv = result.general, Key(SCORING)
    left_out = {str(cv): best.score, str(cv.at("low")): best.low, str(cv.at("high")): best.high}
    return values | left_out | {str(cv.read("baseline")): 0.5}


def records(result: Studies, configuration: Mapping[str, str], page: str, link: str = "") -> Iterator[Record]:
    """All records of several studies; ``configuration`` are the settings by dotted key, ``page`` is the report as HTML,
    ``link`` its address in the description."""
    board = result.unseen.board
    findings = [Sentence("luck", text) for text in result.sentences]
    yield Description(description(findings, chapters.small_board(board), link))
    yield Params(_params(result, configuration))
    for name, table in result.tables.items():
        yield Data(table.frame, name, table.path, table.digest)
    yield Frame("studies/board.csv", board)
    yield Frame("studies/scores.csv", result.unseen.scores.drop(columns="key"))
    yield Frame("studies/replication.csv", result.replication)
    yield Frame("studies/promises.csv", result.across.promises)
    yield Frame("studies/agreement.csv", result.agreement.pairs)
    yield Frame("studies/each.csv", result.agreement.per_study)
    yield Frame("studies/predictions.csv", _predictions(result))
    yield Frame("cv/folds.csv", _folds(result))
    yield Frame("consensus.csv", pd.DataFrame(result.consensus.reset_index()))
    yield Text("report.html", page)
    yield _model(result)
    numbers = metrics(result)
    yield Frame(TABLE, as_table(numbers))
    yield Metrics(logged(numbers, SCORING))


def _params(result: Studies, configuration: Mapping[str, str]) -> dict[str, str]:
    """The settings, without those of a model that was not chosen."""
    method = result.general.method
    other = configuration.get("model.name", method) != method
    settings = {
        key: value for key, value in configuration.items() if not (other and key.startswith("model."))
    }
    return (
        parameters(result.model[-1])
        | settings
        | {"model": method, "studies": ", ".join(result.studies), "folds": str(len(result.studies))}
    )


def _folds(result: Studies) -> pd.DataFrame:
    """The chosen model's score on each study left out: mean over its pairs, on the first study's hits."""
    scores = result.unseen.scores
    rows = (scores["key"] == f"{result.general.method}, {ONE}") & (scores["genes"] == "hits")
    return scores[rows].groupby("held_out", sort=False)[[SCORING]].mean()


def _model(result: Studies) -> Model:
    """The model that reads one whole table, with the bounds of its answers from the studies left out."""
    table = answers(next(iter(result.tables.values())))[list(NEEDED)]
    rate = float(result.unseen.predictions["held_up"].mean())
    p_values = pd.concat([answers(study_table)[["P.Value"]] for study_table in result.tables.values()])
    return Model(
        result.general.method,
        result.model,
        table,
        result.model.predict(table),
        requirements(result.model),
        {
            "classes": ["not replicated", "replicated"],
            "leak": "none",
            "target": "replication in a study never seen",
            "rule": rule(result),
            "calibration": "none",
            "threshold": 0.5,
            "whole_table": True,
            "general": result.general.verdict,
            "rates": [1 - rate, rate],
            "reference": reference(p_values),
            "decision": result.across.bounds.metadata,
        },
        f"{result.general.method}: replicated or not ({as_written(rule(result))}), from one whole table.",
        parameters(result.model[-1]),
    )


def _predictions(result: Studies) -> pd.DataFrame:
    """The best model's predictions for the genes of each first study in the study left out, and the outcome."""
    predictions = result.unseen.predictions
    rows = (predictions["method"] == best_model(result.unseen.board)) & (
        predictions["second"] == predictions["held_out"]
    )
    columns = predictions.loc[rows, ["second", "first", "gene", "chance", "held_up", "hit"]]
    return columns.assign(chance=columns["chance"].round(5)).astype({"held_up": int, "hit": int})
