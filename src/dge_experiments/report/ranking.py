"""Leaderboards as plain text, CSV, JSON and HTML."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.report import figures_leaderboard
from dge_experiments.report.page import Chapter, Chart, Grid, Part, Report, page

ABOUT = ("run_name", "model", "features", "leak", "search", "sweep_id")
TEST = ("accuracy", "balanced_accuracy", "mcc", "roc_auc", "average_precision")
LAST = ("fit_seconds", "age_seconds", "run_id")


def columns(board: Board) -> list[str]:
    """The columns of a leaderboard that its runs have, in order: who, the ranking score, test scores with
    interval, honest scores, the baseline, time and run."""
    metrics = [board.metric, f"{board.metric}_std"]
    for name in TEST:
        test = f"test/{name}"
        metrics += [test, f"{test}_low", f"{test}_high", f"honest/{test}", f"baseline/{test}"]
    return [c for c in dict.fromkeys([*ABOUT, *metrics, *LAST]) if c in board.runs]


def title(board: Board) -> str:
    """What the runs of a board have in common, in one line."""
    return (
        f"{board.experiment} by {board.metric} (data {board.data_digest[:8]}, target {board.target}, "
        f"split {board.split_hash[:8]})"
    )


def cells(board: Board) -> pd.DataFrame:
    """A board for the eye: rows are runs, text cells; intervals and standard deviations beside their score."""
    runs = board.runs
    out = pd.DataFrame({"model": runs["model"], "features": runs["features"]})
    out[board.metric] = [_plus_minus(row, board.metric) for row in runs.to_dict("records")]
    for name in ("test/balanced_accuracy", "test/mcc", "test/roc_auc"):
        if name in runs and name != board.metric:
            out[name.removeprefix("test/")] = [_interval(row, name) for row in runs.to_dict("records")]
        if f"honest/{name}" in runs:
            out[f"honest {name.removeprefix('test/')}"] = [_figure(v) for v in runs[f"honest/{name}"]]
    if board.comparison:
        tied = board.comparison.tied
        best = ~runs["model"].duplicated()
        out["tied"] = [
            ("simplest" if model == board.comparison.simplest else "yes") if model in tied and first else ""
            for model, first in zip(runs["model"], best, strict=True)
        ]
    out["leak"] = runs["leak"]
    if "fit_seconds" in runs:
        out["fit s"] = [_figure(v, ".1f") for v in runs["fit_seconds"]]
    out["age"] = [age(seconds) for seconds in runs["age_seconds"]]
    out["run"] = runs["run_id"].str[:8]
    return out


def as_csv(boards: Sequence[Board], apart: pd.DataFrame) -> str:
    """All boards under each other: ``board`` and ``rank`` first; runs that did not finish have no rank."""
    frames = []
    for number, board in enumerate(boards, 1):
        frame = board.runs.assign(board=number, rank=range(1, len(board.runs) + 1), metric=board.metric)
        frames.append(frame)
    everything = pd.concat([*frames, apart], ignore_index=True)
    order = ["board", "rank", "metric", "status"]
    everything = everything.reindex(columns=[*order, *(c for c in everything if c not in order)])
    whole = {c: everything[c].astype("Int64") for c in ("board", "rank")}
    return everything.assign(**whole).to_csv(index=False, lineterminator="\n")


def as_json(boards: Sequence[Board], apart: pd.DataFrame) -> str:
    """The same as JSON: ``boards`` with ``runs``, ``tied``, ``simplest`` and ``sentence``, and ``apart``."""
    found = [
        {
            "experiment": b.experiment, "data_digest": b.data_digest, "target": b.target,
            "split_hash": b.split_hash, "metric": b.metric, "runs": _records(b.runs),
            "tied": list(b.comparison.tied) if b.comparison else None,
            "simplest": b.comparison.simplest if b.comparison else None,
            "sentence": b.comparison.sentence if b.comparison else None,
        }
        for b in boards
    ]  # fmt: skip
    return json.dumps({"boards": found, "apart": _records(apart)}, indent=2)


def as_html(boards: Sequence[Board], apart: pd.DataFrame) -> str:
    """The same as one page that opens with no network."""
    said = [board.comparison.sentence for board in boards if board.comparison]
    leak = any((board.runs["leak"] != "none").any() for board in boards)
    if leak:
        said.insert(0, "LEAK: some runs hold features that give the label away; read their honest scores.")
    report = Report(
        title="Comparison of runs",
        subtitle=note(boards),
        verdict=said or ["Nothing was compared."],
        leak=leak,
        scores=pd.DataFrame(),
        findings=(),
        chapters=list(_chapters(boards, apart)),
        methods="",
        citations=(),
        configuration="",
    )
    return page(report)


def note(boards: Sequence[Board]) -> str:
    """Why there are several boards, or that there is one."""
    if len(boards) < 2:
        return "All finished runs share table, target and split."
    return f"{len(boards)} boards: runs on another table, target or split are not ranked against each other."


def age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _chapters(boards: Sequence[Board], apart: pd.DataFrame) -> Iterator[Chapter]:
    for board in boards:
        parts: list[Part] = [Grid("Runs", "Best first.", cells(board), wide=True)]
        scoring = board.metric.removeprefix("cv/")
        drawable = {board.metric, f"{board.metric}_std", f"test/{scoring}", f"baseline/test/{scoring}"}
        if board.metric.startswith("cv/") and drawable <= set(board.runs) and len(board.runs) > 1:
            drawn = figures_leaderboard.leaderboard(board.runs, scoring)
            said = f"Cross-validated and test {scoring} of {len(board.runs)} runs; the table has the numbers."
            parts.append(Chart("Scores", "Whiskers: standard deviation over the folds.", drawn, said))
        yield Chapter(title(board), "", parts)
    if len(apart):
        shown = apart[["run_name", "experiment", "status", "model", "run_id"]]
        grid = Grid("Runs", "Interrupted, failed and running.", shown, wide=True)
        yield Chapter("Not ranked", "", [grid])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records")]


def _figure(value: Any, form: str = ".3f") -> str:
    return "" if pd.isna(value) else format(value, form)


def _plus_minus(row: dict[Any, Any], metric: str) -> str:
    spread = row.get(f"{metric}_std")
    if spread is None or pd.isna(spread):
        return _interval(row, metric)
    return f"{_figure(row[metric])} ± {_figure(spread)}"


def _interval(row: dict[Any, Any], metric: str) -> str:
    low, high = row.get(f"{metric}_low"), row.get(f"{metric}_high")
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return _figure(row.get(metric))
    return f"{_figure(row[metric])} [{_figure(low)}, {_figure(high)}]"
