"""The chapter that compares models, in a sweep or among the runs of a store."""

from collections.abc import Iterator

import pandas as pd

from dge_experiments.evaluation.key import CORRECTED
from dge_experiments.evaluation.leaderboard import Board
from dge_experiments.evaluation.metrics import title as metric_title
from dge_experiments.evaluation.verdict import Verdict
from dge_experiments.problem.problem import HONEST
from dge_experiments.report.figures import leaderboard as draw
from dge_experiments.report.figures.scores import fold_scores
from dge_experiments.report.leaderboard import cells
from dge_experiments.report.page.page import Chapter, Chart, Grid, Part
from dge_experiments.report.words.board import about

PAIRS = {"first": "model", "second": "other model", "p_value": "p", "p_holm": "p (Holm)"}
ON_FOLDS = {"p_folds": "p (folds)", "folds_first": "better", "folds_equal": "equal", "folds_second": "worse"}


def chapter(board: Board, title: str = "Leaderboard") -> Chapter:
    """The runs, their scores and fold scores, and the tests between them."""
    return Chapter("leaderboard", title, f"{about(board)[0].upper()}{about(board)[1:]}.", list(_parts(board)))


def _parts(board: Board) -> Iterator[Part]:
    name = metric_title(board.metric.metric)
    corrected = board.metric.part == CORRECTED
    score_name = "bias-corrected cross-validation" if corrected else "cross-validation"
    deviation = f"standard deviation over the {'seeds' if board.seeds > 1 else 'folds'}"
    whiskers = "95 % interval" if corrected and board.seeds == 1 else deviation
    yield Grid(
        "Models",
        "Best first. Test: the held-out genes, with 95 % intervals where they can tell one. "
        "Honest: without the features that give the label away.",
        cells(board),
        wide=True,
    )
    if corrected or board.metric.part == "cv":
        frame = _scores(board)
        yield Chart(
            "Scores of the models",
            f"Whiskers: {whiskers}. A model near the constant answer has learnt nothing.",
            draw.leaderboard(frame, name, score_name),
            f"{score_name[0].upper()}{score_name[1:]} and test score: "
            + "; ".join(f"{r.model} {r.cv:.3f} and {r.test:.3f}" for r in frame.itertuples()),
        )
    folds = _folds(board)
    if len(folds):
        table = folds.pivot(index="name", columns="fold", values="score").loc[folds["name"].unique()]
        yield Chart(
            "Fold scores of the models",
            "The same folds for every model: compare within a fold, not across.",
            fold_scores(folds, f"cross-validated {name}"),
            "Score of each fold for each model; means: "
            + ", ".join(f"{m} {v:.3f}" for m, v in folds.groupby("name", sort=False)["score"].mean().items()),
            table.rename(columns=lambda k: f"fold {k}").rename_axis("model").reset_index(),
        )
    for reading, verdict in board.verdicts.items():
        yield from _tests(verdict, name, "" if len(board.readings) < 2 else f", {reading}")


def _tests(verdict: Verdict, name: str, reading: str) -> Iterator[Part]:
    """The models against the baseline, and against each other."""
    yield Grid(
        f"Models against {verdict.baseline}{reading}",
        f"{name[0].upper()}{name[1:]} on {verdict.genes:,} held-out genes, with 95 % intervals; p by Holm over the "
        "models.",
        verdict.models.reset_index(),
        wide=True,
    )
    if len(verdict.pairs):
        yield Grid(
            f"Pairs of models{reading}",
            f"Difference of {name} on the same held-out genes, with 95 % intervals; p by Holm over all pairs; "
            "power: the chance to see a true difference of 0.02.",
            verdict.pairs.rename(columns=PAIRS | ON_FOLDS),
            wide=True,
        )


def _scores(board: Board) -> pd.DataFrame:
    """Rows are models: ``model``; ``cv`` with ``low`` and ``high``, which are one ``std`` below and above where it has
    no interval; ``test``, and ``baseline`` on the same genes."""
    key = board.metric
    test, ends = key.on("test"), {end: key.at(end) for end in ("low", "high", "std")}
    keys = {"cv": key, **ends, "test": test, "baseline": test.read("baseline")}
    rows = [{"model": row.label, **{name: row.score(k) for name, k in keys.items()}} for row in board.rows]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(keys, float))
    for end, sign in (("low", -1), ("high", 1)):
        frame[end] = frame[end].fillna(frame["cv"] + sign * frame["std"])
    return frame


def _folds(board: Board) -> pd.DataFrame:
    """Rows are models and folds: ``name``, ``fold``, ``score``."""
    key = board.metric.on_folds
    rows = []
    for row in board.rows:
        frame = row.folds()
        column = str(key if row.withheld or key.reading != HONEST else key.read(""))
        if frame is not None and column in frame:
            rows += [(row.label, k + 1, float(score)) for k, score in enumerate(frame[column])]
    return pd.DataFrame(rows, columns=["name", "fold", "score"]).drop_duplicates(["name", "fold"])
