"""The chapter that compares the models of a sweep."""

from collections.abc import Iterator, Mapping

import pandas as pd

from dge_experiments.evaluation.metrics import METRICS
from dge_experiments.report import figures_leaderboard
from dge_experiments.report import figures_scores as draw
from dge_experiments.report.page import Chapter, Chart, Grid, Part
from dge_experiments.report.verdict import NAMES


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
            "Corrected resampled t-test on the folds (Nadeau & Bengio 2003), p by Holm over all pairs.",
            frame,
            wide=True,
        )
        for what, frame in pairwise.items()
    ]
    return Chapter("Leaderboard", "", [*_parts(board, folds, scoring), *tests])


def _parts(board: pd.DataFrame, folds: pd.DataFrame, scoring: str) -> Iterator[Part]:
    name = NAMES.get(scoring, scoring)
    shown = {"model": "model", f"cv/{scoring}": f"CV {name}", f"cv/{scoring}_std": "SD of folds"}
    shown |= {f"test/{metric}": f"test {label}" for metric, label in NAMES.items() if metric in METRICS}
    shown |= {
        f"baseline/test/{scoring}": f"baseline {name}",
        "honest/test/balanced_accuracy": "honest balanced accuracy",
        "honest/test/roc_auc": "honest ROC AUC",
        "search_seconds": "search, s",
    }
    kept = [column for column in shown if column in board]
    yield Grid(
        "Models",
        "Best cross-validated score first; the test columns are the held-out genes.",
        board[kept].rename(columns=shown),
        wide=True,
    )
    yield Chart(
        "Scores of the models",
        "Whiskers that overlap leave the order open; a model near the baseline has learnt nothing.",
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
