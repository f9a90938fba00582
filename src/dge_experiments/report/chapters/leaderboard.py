"""The chapter that compares the models of a sweep."""

from collections.abc import Iterator, Mapping

import pandas as pd

from dge_experiments.evaluation.metrics import REGISTRY, title
from dge_experiments.report.figures import leaderboard as figures_leaderboard
from dge_experiments.report.figures import scores as draw
from dge_experiments.report.page.cells import estimates
from dge_experiments.report.page.page import Chapter, Chart, Grid, Part
from dge_experiments.report.words.verdict import called

PAIRS = {
    "first": "model",
    "second": "other model",
    "statistic": "t",
    "p_value": "p",
    "p_holm": "p (Holm)",
    "mcnemar_p": "p (McNemar)",
}


def chapter(
    board: pd.DataFrame, folds: pd.DataFrame, scoring: str, pairwise: Mapping[str, pd.DataFrame]
) -> Chapter:
    """Leaderboard and fold scores.

    Parameters
    ----------
    board : rows are models, best first: ``model``, ``cv/<metric>``, ``test/<metric>``, ``baseline/test/<metric>``
    folds : columns ``name`` (of the model), ``fold``, ``score``
    pairwise : what was compared -> rows are pairs of models (``evaluation.comparison``)
    """
    tests = [
        Grid(
            f"Pairs of models, {what}",
            "Corrected resampled t-test on the folds (Nadeau & Bengio 2003), p by Holm over all pairs; McNemar's test "
            "on the held-out genes.",
            frame.assign(**{c: frame[c].map(called) for c in ("first", "second") if c in frame}).rename(
                columns=PAIRS
            ),
            wide=True,
        )
        for what, frame in pairwise.items()
    ]
    return Chapter("leaderboard", "Leaderboard", "", [*_parts(board, folds, scoring), *tests])


def summary(board: pd.DataFrame, scoring: str) -> pd.DataFrame:
    """The few columns of a leaderboard that go under a verdict."""
    name = title(scoring)
    made = pd.DataFrame({"model": board["model"].map(called), f"CV {name}": board[f"cv/{scoring}"]})
    for metric in dict.fromkeys((scoring, "balanced_accuracy")):
        for of, label in (("test/", "test "), ("honest/test/", "honest test ")):
            if f"{of}{metric}" in board:
                made[f"{label}{title(metric)}"] = _with_limits(board, f"{of}{metric}")
    return made.assign(**{f"constant answer's {name}": board[f"baseline/test/{scoring}"]})


def _with_limits(board: pd.DataFrame, column: str) -> pd.Series:
    return estimates(board, column, f"{column}_low", f"{column}_high")


def _parts(board: pd.DataFrame, folds: pd.DataFrame, scoring: str) -> Iterator[Part]:
    name = title(scoring)
    shown = pd.DataFrame({"model": board["model"], f"CV {name}": board[f"cv/{scoring}"]})
    shown["SD of folds"] = board[f"cv/{scoring}_std"]
    tested = [f"honest/test/{metric}" for metric in ("balanced_accuracy", "roc_auc")]
    for column in (*tested, *(f"test/{metric}" for metric in REGISTRY)):
        if column in board:
            of, _, metric = column.rpartition("/")
            shown[f"{of.replace('/', ' ')} {title(metric)}"] = _with_limits(board, column)
    shown[f"constant answer's {name}"] = board[f"baseline/test/{scoring}"]
    if "search_seconds" in board:
        shown["search, s"] = board["search_seconds"]
    yield Grid(
        "Models",
        "Best cross-validated score first. Test: the held-out genes, with 95 % intervals where they can tell one. "
        "Honest: without the features that give the label away.",
        shown,
        wide=True,
    )
    yield Chart(
        "Scores of the models",
        "Whiskers that overlap leave the order open; a model near the constant answer has learnt nothing.",
        figures_leaderboard.leaderboard(board, scoring),
        "Cross-validated and test score: "
        + "; ".join(
            f"{row['model']} {row[f'cv/{scoring}']:.3f} and {row[f'test/{scoring}']:.3f}"
            for _, row in board.iterrows()
        ),
    )
    yield Chart(
        "Fold scores of the models",
        "The same folds for every model: compare within a fold, not across.",
        draw.fold_scores(folds, f"cross-validated {name}"),
        "Score of each fold for each model; means: "
        + ", ".join(f"{m} {v:.3f}" for m, v in folds.groupby("name", sort=False)["score"].mean().items()),
        folds.pivot(index="name", columns="fold", values="score")
        .loc[folds["name"].unique()]
        .rename(columns=lambda k: f"fold {k}")
        .rename_axis("model"),
    )
