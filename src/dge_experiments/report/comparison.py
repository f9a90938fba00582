"""Leaderboards as CSV, JSON, HTML, and as records of a run."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.evaluation.verdict import Verdict
from dge_experiments.report.chapters.leaderboard import chapter
from dge_experiments.report.leaderboard import summary
from dge_experiments.report.page.page import Chapter, Grid, Report, page
from dge_experiments.report.records import Description, Frame, Record, Text
from dge_experiments.report.words.board import note, sentences, title
from dge_experiments.report.words.description import description
from dge_experiments.report.words.sentence import Sentence

UNFINISHED = ["run_name", "experiment", "status", "model", "run_id"]


def frame(boards: Sequence[Board], unfinished: pd.DataFrame) -> pd.DataFrame:
    """All boards, one below the other: ``board`` and ``rank`` first; ``unfinished`` runs have no rank."""
    frames = [
        board.frame.assign(
            board=number, rank=range(1, len(board.rows) + 1), metric=str(board.metric), status="finished"
        )
        for number, board in enumerate(boards, 1)
    ]
    everything = pd.concat([*frames, unfinished], ignore_index=True)
    order = ["board", "rank", "metric", "status"]
    everything = everything.reindex(columns=[*order, *(c for c in everything if c not in order)])
    integers = {c: everything[c].astype("Int64") for c in ("board", "rank")}
    return everything.assign(**integers)


def as_csv(boards: Sequence[Board], unfinished: pd.DataFrame) -> str:
    """The same as CSV."""
    return frame(boards, unfinished).to_csv(index=False, lineterminator="\n")


def as_json(boards: Sequence[Board], unfinished: pd.DataFrame) -> str:
    """The same as JSON: ``boards`` (see ``plain``) and, as ``apart``, the unfinished runs."""
    return json.dumps({"boards": [plain(board) for board in boards], "apart": _rows(unfinished)}, indent=2)


def plain(board: Board) -> dict[str, Any]:
    """A board in plain values: what its runs share, the runs, the tests, the sentences."""
    return {
        "experiment": board.experiment,
        **board.about,
        "metric": str(board.metric),
        "leak": list(board.leak),
        "carries_label": list(board.graded),
        "shared_rows": board.shared,
        "differing": list(board.differing),
        "runs": _rows(board.frame),
        "verdicts": {reading: _verdict(verdict) for reading, verdict in board.verdicts.items()},
        "sentences": [sentence.text for sentence in sentences(board)],
    }


def as_html(boards: Sequence[Board], unfinished: pd.DataFrame) -> str:
    """The same as one page that works offline."""
    chapters = [chapter(board, title(board)) for board in boards]
    if len(unfinished):
        grid = Grid("Runs", "Interrupted, failed and running.", unfinished[UNFINISHED], wide=True)
        chapters.append(Chapter("leaderboard", "Not ranked", "", [grid]))
    findings = [(board, sentence) for board in boards for sentence in sentences(board)]
    where = {
        id(board): f" ({board.experiment}, split {board.about['split_hash'][:8]})" if len(boards) > 1 else ""
        for board in boards
    }
    report = Report(
        title="Comparison of runs",
        subtitle=note(boards),
        verdict=[replace(sentence, text=sentence.text + where[id(board)]) for board, sentence in findings]
        or [Sentence("comparison", "Nothing was compared.")],
        leak=any(board.leaks for board in boards),
        chapters=chapters,
    )
    return page(report)


def records(board: Board, report: str, link: str = "") -> Iterator[Record]:
    """Table, tests, and the report (HTML); ``link`` is its address in the run's description."""
    yield Description(description(sentences(board), summary(board), link))
    yield Frame("leaderboard.csv", board.frame)
    for reading, verdict in board.verdicts.items():
        suffix = "" if reading == "as given" else f"_{reading}"
        yield Frame(f"comparison{suffix}.csv", verdict.pairs)
        yield Frame(f"against_baseline{suffix}.csv", verdict.models.reset_index())
    yield Text("report.html", report)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "metric": verdict.metric, "genes": verdict.genes, "baseline": verdict.baseline,
        "baseline_score": verdict.baseline_score, "tied": list(verdict.tied), "simplest": verdict.simplest,
        "models": _rows(verdict.models.reset_index()), "pairs": _rows(verdict.pairs),
    }  # fmt: skip


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records")]
