"""Several studies as a report, and as records."""

from collections.abc import Iterator, Sequence

import pandas as pd
import yaml

from dge_experiments.evaluation.unseen import best_model
from dge_experiments.experiment.studies import Studies
from dge_experiments.report.chapters import studies as chapters
from dge_experiments.report.page.page import Report
from dge_experiments.report.records import Description, Frame, Metrics, Record, Text
from dge_experiments.report.words.description import description
from dge_experiments.report.words.sentence import Sentence
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


def report(
    found: Studies, configuration: object, alpha: float, commands: Sequence[tuple[str, str]] = ()
) -> Report:
    """The report of several studies; ``configuration`` is written as YAML."""
    first, second, *rest = [Sentence("luck", text) for text in found.sentences]
    counts = ", ".join(f"{name} {len(study.frame):,}" for name, study in found.studies.items())
    return Report(
        title=f"{len(found.studies)} studies: what holds up in a study never seen?",
        subtitle=f"Genes: {counts}.",
        verdict=[first, second],
        details=rest,
        leak=False,
        scores=chapters.small_board(found.unseen.board),
        findings=[
            (finding.severity, f"{name}: {finding.message}")
            for name, table in found.tables.items()
            for finding in table.findings
            if finding.severity != "info"
        ],
        chapters=chapters.chapters(found),
        methods=METHODS.format(alpha=alpha),
        citations=WORKS,
        configuration=yaml.safe_dump(configuration, sort_keys=False),
        commands=commands,
        footer=f"dge-experiments {__version__}.",
    )


def metrics(found: Studies) -> dict[str, float]:
    """``unseen/<genes>/<method>`` (one table) and ``unseen/<genes>/<method>_others``, with limits; luck on average."""
    values: dict[str, float] = {}
    for row in found.unseen.board.to_dict("records"):
        name = f"unseen/{row['genes']}/{row['method']}" + ("_others" if row["reads"] != "one table" else "")
        values |= {name: row["mean"], f"{name}_low": row["low"], f"{name}_high": row["high"]}
    pairs = found.replication
    for name in ("seen", "expected", "hits_seen", "hits_expected"):
        values[f"luck/{name.replace('_', '/')}"] = float(pairs[name].mean())
    return values | {"luck/pairs_beyond": float(pairs["beyond"].sum()), "pairs": float(len(pairs))}


def records(found: Studies, page: str, link: str = "") -> Iterator[Record]:
    """Everything that is written down; ``page`` is the report as HTML, ``link`` where the description points to it."""
    board = found.unseen.board
    findings = [Sentence("luck", text) for text in found.sentences]
    yield Description(description(findings, chapters.small_board(board), link))
    yield Metrics(metrics(found))
    yield Frame("studies/board.csv", board, side_by_side=True)
    yield Frame("studies/scores.csv", found.unseen.scores.drop(columns="key"))
    yield Frame("studies/replication.csv", found.replication)
    yield Frame("studies/agreement.csv", found.agreement.pairs)
    yield Frame("studies/each.csv", found.agreement.each)
    yield Frame("studies/predictions.csv", _predictions(found))
    yield Frame("consensus.csv", pd.DataFrame(found.consensus.reset_index()))
    yield Text("report.html", page)


def _predictions(found: Studies) -> pd.DataFrame:
    """What the best model says of each first study's genes in the study left out, and what became of them."""
    every = found.unseen.predictions
    rows = (every["method"] == best_model(found.unseen.board)) & (every["second"] == every["held_out"])
    mine = every.loc[rows, ["second", "first", "gene", "chance", "held_up", "hit"]]
    return mine.assign(chance=mine["chance"].round(5)).astype({"held_up": int, "hit": int})
