"""A leaderboard as a table: for a terminal, for a page, for the summary below a verdict."""

from itertools import pairwise

import pandas as pd

from dge_experiments.evaluation.key import CORRECTED, Key
from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.evaluation.metrics import title
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.problem.problem import AS_GIVEN, HONEST
from dge_experiments.report.page.cells import Estimate

BESIDE = ("balanced_accuracy", "roc_auc", "mcc", "accuracy", "average_precision")
GIVEN_LINE, HONEST_LINE, CLEAN_LINE = "given", "honest", "clean"
SCORE = len("0.000 [0.000, 0.000]")
SECONDS = Key("fit_seconds", "")
CONSTANT = "constant answer"
PARTS = {"cv": "CV", CORRECTED: "bias-corrected CV"}


def lines(board: Board, width: int, gap: int) -> pd.DataFrame:
    """A board for a terminal ``width`` characters wide, with ``gap`` between columns.

    Two lines per run: as given, and honest (blank for a clean run, where both are the same); the constant answer last.
    Columns: the run, which line it is, the ranking score, as many scores on held-out genes as fit, and ties.
    """
    base = board.metric.read("")
    further = [key for key in board_keys(board) if key != base]
    ties = {reading: board.tied(reading) for reading in (AS_GIVEN, HONEST)}
    rows: list[list[str]] = []
    for row in board.rows:
        clean = not row.withheld
        given_cells = [score_text(row, key) for key in (base, *further)]
        honest = ["" if clean else score_text(row, key.read("honest")) for key in (base, *further)]
        tied, earned = (ties[reading].get(row.label, "") for reading in (AS_GIVEN, HONEST))
        rows.append(
            [row.label, CLEAN_LINE if clean else GIVEN_LINE, *given_cells, tied or (earned if clean else "")]
        )
        rows.append([_under(row), "" if clean else HONEST_LINE, *honest, "" if clean else earned])
    constant = [_constant(board, key) for key in (base, *further)]
    if any(constant) and not _has_constant(board):
        rows.append([CONSTANT, "", *constant, ""])
    parts = [PARTS.get(key.part, key.part) for key in (base, *further)]
    once = [part if part != before else "" for before, part in pairwise(["", *parts])]
    names = [key.metric.replace("_", " ") for key in (base, *further)]
    heads = ["model\nrun, age, fit time", "", *map("{}\n{}".format, once, names), "tied"]
    titled = [*rows, *zip(*(head.split("\n")[-1:] for head in heads), strict=True)]
    wide = [max(len(row[place]) for row in titled) for place in range(len(heads))]
    used_width, count = sum(wide[:3]) + wide[-1] + 3 * gap, 0
    while count < len(further) and used_width + max(wide[3 + count], SCORE) + gap <= width:
        used_width += max(wide[3 + count], SCORE) + gap
        count += 1
    places = [*range(3 + count), len(heads) - 1]
    return pd.DataFrame([[row[p] for p in places] for row in rows], columns=[heads[p] for p in places])


def cells(board: Board) -> pd.DataFrame:
    """A board for a page: rows are runs, best first, the constant answer last; scores have their intervals."""
    base, tied = board.metric.read(""), {reading: board.tied(reading) for reading in board.readings}
    out = pd.DataFrame({"model": [row.label for row in board.rows]})
    for name in board.differing:
        out[name] = [row.settings.get(name, "") for row in board.rows]
    if board.leak:
        out["leak"] = [", ".join(row.leak) or "none" for row in board.rows]
    if board.graded:
        out["carries the label"] = [", ".join(row.graded) or "none" for row in board.rows]
    for key in (base, *(key for key in board_keys(board)[:4] if key != base)):
        for reading in board.readings:
            read = key.read("honest" if reading == HONEST else "")
            out[_words(read)] = _column(board, read)
    for reading, labels in tied.items():
        if labels:
            out["tied" if reading == AS_GIVEN else f"{reading} tied"] = [
                labels.get(row.label, "") for row in board.rows
            ]
    out["fit, s"] = [row.score(SECONDS) for row in board.rows]
    out["run"] = [row.run_id[:8] for row in board.rows]
    constant = {
        _words(key): value
        for key in board_keys(board)
        if (value := _first(board, key.read("baseline"))) is not None
    }
    last: dict[str, object] = {str(column): constant.get(str(column), "") for column in out}
    last |= {"model": CONSTANT}
    if _has_constant(board):
        return out
    return pd.concat([out, pd.DataFrame([last], dtype=object)], ignore_index=True)


def summary(board: Board) -> pd.DataFrame:
    """The few columns below a verdict: the ranking score, then held-out scores, honest ones first."""
    base = board.metric.read("")
    tests = [Key(m, "test") for m in dict.fromkeys((base.metric, "balanced_accuracy"))]
    keys = [base, *(key.read(r) for key in tests for r in (["honest", ""] if board.withheld else [""]))]
    out = pd.DataFrame({"model": [row.label for row in board.rows]})
    for key in dict.fromkeys(keys):
        if any(row.score(key) is not None for row in board.rows):
            out[_words(key)] = _column(board, key)
    constant = [row.score(base.on("test").read("baseline")) for row in board.rows]
    return out.assign(**{f"constant answer's {title(base.metric)}": pd.Series(constant, dtype=object)})


def board_keys(board: Board) -> list[Key]:
    """The scores on a board, as given: the ranking score, the bias-corrected one, then the held-out scores that its
    runs have."""
    corrected = Key(board.rows[0].scoring, CORRECTED)
    keys = [board.metric.read(""), corrected, *(Key(name, "test") for name in (board.metric.metric, *BESIDE))]
    return [key for key in dict.fromkeys(keys) if any(row.score(key) is not None for row in board.rows)]


def estimate(row: RunRow, key: Key) -> Estimate | float | None:
    """A score with its 95 % interval, for a cell; the score alone where it has no interval."""
    score, low, high = (row.score(end) for end in (key, key.at("low"), key.at("high")))
    if score is None or low is None or high is None:
        return score
    return Estimate(score, low, high)


def score_text(row: RunRow, key: Key) -> str:
    """A score with its 95 % interval, or its standard deviation over the folds; "" without one."""
    score, low, high, std = (row.score(end) for end in (key, *map(key.at, ("low", "high", "std"))))
    if score is None or score != score:
        return ""
    if low is not None and high is not None:
        return f"{score:.3f} [{low:.3f}, {high:.3f}]"
    return f"{score:.3f}" + (f" ± {std:.3f}" if std is not None else "")


def age(seconds: float) -> str:
    """The time since then, in the largest unit that fits."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _column(board: Board, key: Key) -> pd.Series:
    return pd.Series([estimate(row, key) for row in board.rows], dtype=object)


def _has_constant(board: Board) -> bool:
    """Whether the constant answer is among the runs."""
    return any(row.called == CONSTANT for row in board.rows)


def _under(row: RunRow) -> str:
    """The line under a run's name: run, age, fit time."""
    fit = row.score(SECONDS)
    seconds = f"{fit:.1f} s" if fit is not None else ""
    return ", ".join(
        filter(None, [f"{row.run_id[:8]} {age(row.age_seconds)}" if row.run_id else "", seconds])
    )


def _first(board: Board, key: Key) -> float | None:
    return next((score for row in board.rows if (score := row.score(key)) is not None), None)


def _constant(board: Board, key: Key) -> str:
    score = _first(board, key.read("baseline"))
    return "" if score is None else f"{score:.3f}"


def _words(key: Key) -> str:
    part = PARTS.get(key.part, key.part)
    return " ".join(filter(None, [key.reading, part, title(key.metric)]))
