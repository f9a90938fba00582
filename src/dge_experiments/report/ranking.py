"""Leaderboards as plain text, CSV, JSON and HTML."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from dge_experiments.evaluation.comparison import Comparison
from dge_experiments.evaluation.leaderboard import HONEST, Board
from dge_experiments.report.figures import leaderboard as figures_leaderboard
from dge_experiments.report.page.page import Chapter, Chart, Grid, Part, Report, page

ABOUT = ("run_name", "model", "features", "leak", "search", "sweep_id")
TEST = ("accuracy", "balanced_accuracy", "mcc", "roc_auc", "average_precision")
BESIDE = ("test/balanced_accuracy", "test/roc_auc", "test/mcc", "test/accuracy", "test/average_precision")
AS_GIVEN, HONEST_LINE, CLEAN = "given", "honest", "clean"
SCORE = len("0.000 [0.000, 0.000]")
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
    """The question of a board and what it is ranked by."""
    return f"{board.experiment} by {board.metric}"


def about(board: Board) -> str:
    """What the runs of a board have in common, in one line."""
    rule = "" if board.rule == "none" else f", {board.rule}"
    return f"data {board.data_digest[:8]}, target {board.target}{rule}, split {board.split_hash[:8]}"


def lines(board: Board, width: int, gap: int) -> pd.DataFrame:
    """A board for a terminal ``width`` characters wide, ``gap`` between columns.

    Two lines a run: as given, and honest (of a clean run the same, and blank); the constant answer last. Columns: the
    run, which line it is, the ranking score, as many scores on held-out genes as there is room for, and ties.
    """
    runs, base = board.runs, board.metric.removeprefix(HONEST)
    several = runs["features"].nunique() > 1
    ties = {AS_GIVEN: board.tied(honest=False), HONEST_LINE: board.tied(honest=True)}
    beside = [metric for metric in BESIDE if metric != base and metric in runs]
    rows: list[list[str]] = []
    for run in runs.to_dict("records"):
        name = f"{run['model']}, {run['features']}" if several else run["model"]
        fit = f", {run['fit_seconds']:.1f} s" if not pd.isna(run.get("fit_seconds")) else ""
        under = f"{run['run_id'][:8]} {age(run['age_seconds'])}{fit}"
        clean = run["leak"] == "none"
        given = [_spread(run, metric) for metric in (base, *beside)]
        honest = ["" if clean else _spread(run, f"{HONEST}{metric}") for metric in (base, *beside)]
        tie = {kind: tied.get(run["run_id"], "") for kind, tied in ties.items()}
        rows.append(
            [name, CLEAN if clean else AS_GIVEN, *given, tie[AS_GIVEN] or (tie[HONEST_LINE] if clean else "")]
        )
        rows.append([under, "" if clean else HONEST_LINE, *honest, "" if clean else tie[HONEST_LINE]])
    constant = [_figure(_first(runs, f"baseline/{metric}")) for metric in (base, *beside)]
    if any(constant):
        rows.append(["constant answer", "", *constant, ""])
    heads = ["model\nrun, age, fit time", "", *(_head(metric) for metric in (base, *beside)), "tied"]
    titled = [*rows, *zip(*(head.split("\n")[-1:] for head in heads), strict=True)]
    wide = [max(len(row[place]) for row in titled) for place in range(len(heads))]
    taken, kept = sum(wide[:3]) + wide[-1] + 3 * gap, 0
    while kept < len(beside) and taken + max(wide[3 + kept], SCORE) + gap <= width:
        taken += max(wide[3 + kept], SCORE) + gap
        kept += 1
    shown = [*range(3 + kept), len(heads) - 1]
    return pd.DataFrame([[row[place] for place in shown] for row in rows], columns=[heads[p] for p in shown])


def cells(board: Board) -> pd.DataFrame:
    """A board for a page: rows are runs, text cells; intervals and standard deviations beside their score."""
    runs, base = board.runs, board.metric.removeprefix(HONEST)
    rows = runs.to_dict("records")
    out = pd.DataFrame({"model": runs["model"], "features": runs["features"], "leak": runs["leak"]})
    for metric in (base, *(each for each in BESIDE[:3] if each != base)):
        if metric in runs:
            out[metric] = [_spread(row, metric) for row in rows]
        if f"{HONEST}{metric}" in runs:
            out[f"{HONEST}{metric}"] = [_spread(row, f"{HONEST}{metric}") for row in rows]
    for name, tied in (("tied", board.tied(honest=False)), ("honest tied", board.tied(honest=True))):
        if tied:
            out[name] = [tied.get(run, "") for run in runs["run_id"]]
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
    """The same as JSON: ``boards`` with ``runs``, ``comparison`` and ``honest`` (of models), and ``apart``."""
    found = [
        {
            "experiment": b.experiment, "data_digest": b.data_digest, "target": b.target,
            "rule": b.rule, "split_hash": b.split_hash, "metric": b.metric, "leak": b.leak,
            "runs": _records(b.runs), "comparison": _compared(b.comparison), "honest": _compared(b.honest),
            "sentences": b.sentences,
        }
        for b in boards
    ]  # fmt: skip
    return json.dumps({"boards": found, "apart": _records(apart)}, indent=2)


def as_html(boards: Sequence[Board], apart: pd.DataFrame) -> str:
    """The same as one page that opens with no network."""
    where = [f" ({b.experiment}, split {b.split_hash[:8]})" if len(boards) > 1 else "" for b in boards]
    said = [line + place for b, place in zip(boards, where, strict=True) for line in b.sentences]
    leak = any(board.leak != "none" for board in boards)
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
    """Why there are several boards, one, or none."""
    if not boards:
        return "No finished run."
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
        yield Chapter("leaderboard", title(board), about(board), parts)
    if len(apart):
        shown = apart[["run_name", "experiment", "status", "model", "run_id"]]
        grid = Grid("Runs", "Interrupted, failed and running.", shown, wide=True)
        yield Chapter("leaderboard", "Not ranked", "", [grid])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records")]


def _figure(value: Any, form: str = ".3f") -> str:
    return "" if pd.isna(value) else format(value, form)


def _spread(row: dict[Any, Any], metric: str) -> str:
    """A score with its 95 % interval, or its standard deviation over the folds; "" without one."""
    low, high, std = (row.get(f"{metric}_{end}") for end in ("low", "high", "std"))
    if not pd.isna(low) and not pd.isna(high):
        return f"{_figure(row[metric])} [{_figure(low)}, {_figure(high)}]"
    return _figure(row.get(metric)) + ("" if pd.isna(std) else f" ± {_figure(std)}")


def _first(runs: pd.DataFrame, column: str) -> float | None:
    known = runs[column].dropna().tolist() if column in runs else []
    return known[0] if known else None


def _head(metric: str) -> str:
    """``cv/roc_auc`` as two lines, so that a narrow column holds it."""
    where, _, name = metric.rpartition("/")
    return f"{where.upper() if where == 'cv' else where}\n{name.replace('_', ' ')}"


def _compared(found: Comparison | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"tied": list(found.tied), "simplest": found.simplest, "means": found.means.to_dict(),
            "pairs": _records(found.pairwise)}  # fmt: skip
