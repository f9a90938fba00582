"""The chapter on how good the model is."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dge_experiments.evaluation import curves
from dge_experiments.evaluation.calibration import (
    binning,
    error_if_calibrated,
    expected_calibration_error,
    reliability,
    slope_and_intercept,
)
from dge_experiments.evaluation.held_out import HeldOut
from dge_experiments.evaluation.metrics import compared, title
from dge_experiments.experiment.result import Result
from dge_experiments.problem.problem import HONEST
from dge_experiments.report.figures import scores as draw
from dge_experiments.report.held_out import precision_recall, roc
from dge_experiments.report.page.page import Chapter, Chart, Note, Part
from dge_experiments.report.scores import scores
from dge_experiments.report.words.verdict import tuned_on


def chapter(experiment: Result) -> Chapter:
    """Figures of the held-out genes and of the cross-validation."""
    return Chapter(
        "scores",
        "Scores",
        f"On the {len(experiment.given.test.y):,} held-out genes, which neither the search nor the fit has seen, "
        "unless stated otherwise.",
        list(_parts(experiment)),
    )


def _parts(experiment: Result) -> Iterator[Part]:
    test, classes = experiment.given.test, experiment.plan.problem.labels.classes
    yield _score_bars(experiment)
    yield _confusion(test)
    yield _roc(experiment)
    yield _precision_recall(experiment)
    yield _reliability(test.y, test, classes)
    yield _distribution(test, classes)
    yield _fold_scores(experiment)


def _score_bars(experiment: Result) -> Part:
    table = scores(experiment)
    described = "; ".join(
        f"{metric}: " + ", ".join(f"{r} {s:.3f}" for r, s in zip(rows["reading"], rows["score"], strict=True))
        for metric, rows in table.groupby("metric", sort=False)
    )
    return Chart(
        "Scores side by side",
        "What counts is the distance from the constant answer: always the most frequent class. "
        + ("Honest: without the features that give the label away. " if HONEST in experiment.readings else "")
        + "Whiskers: 95 % intervals.",
        draw.score_bars(table),
        f"Points for each metric. {described}.",
    )


def _confusion(test: HeldOut) -> Part:
    return Chart(
        "Confusion matrix",
        "Rows: true class; columns: predicted class. Correct predictions are on the diagonal. Shade: share of the true "
        "class.",
        draw.confusion(test.confusion),
        "Counts of genes: "
        + "; ".join(
            f"true {true}: " + ", ".join(f"{n} predicted {c}" for c, n in row.items())
            for true, row in test.confusion.iterrows()
        ),
        test.per_class,
    )


def _roc(experiment: Result) -> Part:
    points = roc(experiment)
    auc = points.groupby(["class", "reading"], sort=False)["auc"].first().reset_index()
    return Chart(
        "ROC curve",
        "The further above the dashed diagonal, the better the ranking. The curve does not show how rare a class is.",
        draw.roc(points),
        "ROC curves: "
        + ", ".join(f"class {r['class']} {r['reading']}, AUC {r['auc']:.3f}" for _, r in auc.iterrows()),
    )


def _precision_recall(experiment: Result) -> Part:
    points = precision_recall(experiment)
    curves_by_class = points.groupby(["class", "reading"], sort=False)
    first = curves_by_class[["average_precision", "prevalence"]].first().reset_index()
    return Chart(
        "Precision and recall",
        "Compare average precision with the prevalence (dashed), which a random order reaches. Problems with a rare "
        "class show here.",
        draw.precision_recall(points),
        "Precision-recall curves: "
        + ", ".join(
            f"class {r['class']} {r['reading']}, average precision {r['average_precision']:.3f} "
            f"at prevalence {r['prevalence']:.3f}"
            for _, r in first.iterrows()
        ),
    )


def _distribution(test: HeldOut, classes: tuple[str, ...]) -> Part:
    prediction = test.prediction
    kind = "probability" if prediction.probability is not None else "decision value"
    of = classes[1] if prediction.ranking.ndim == 1 else "the gene's own class"
    bins = curves.score_bins(test.y, prediction.ranking, classes)
    return Chart(
        "Score distribution",
        "The less the classes overlap, the better they can be separated by a threshold. Each class adds up to 100 %.",
        draw.score_distribution(bins, f"{kind} of {of}"),
        f"Histogram of the model's {kind} of {of} for each true class.",
    )


def _fold_scores(experiment: Result) -> Part:
    problem, cv = experiment.plan.problem, experiment.given.cv
    folds = pd.DataFrame(
        [
            {"name": title(metric), "fold": k + 1, "score": fold[metric]}
            for metric in compared(cv.folds[0])
            for k, fold in enumerate(cv.folds)
        ]
    )
    where = "all rows" if problem.split.cv_folds is not problem.split.folds else "the training part"
    tuned = tuned_on(experiment.study, problem.split)
    chosen = f" The parameters were {tuned}." if tuned else ""
    table = folds.pivot(index="name", columns="fold", values="score").loc[folds["name"].unique()]
    return Chart(
        "Fold scores",
        f"Cross-validation on {where}. The spread over the folds shows how much a score depends on the genes.{chosen}",
        draw.fold_scores(folds, "cross-validated score"),
        "Score of each fold: " + "; ".join(f"{m} mean {cv.mean(m):.3f}" for m in compared(cv.folds[0])),
        table.rename(columns=lambda k: f"fold {k}").rename_axis("metric").reset_index(),
    )


def _reliability(y: np.ndarray, test: HeldOut, classes: tuple[str, ...]) -> Part:
    probability = test.prediction.probability
    if probability is None:
        return Note("Reliability", "This model gives no probabilities, so there is no calibration to check.")
    predicted = probability[:, 1] if len(classes) == 2 else probability
    strategy = binning(y)
    bins = reliability(y, predicted, strategy=strategy)
    error = expected_calibration_error(y, predicted, strategy=strategy)
    low, high = error_if_calibrated(predicted, seed=0, strategy=strategy)
    slope, intercept = slope_and_intercept(y, predicted)
    what = f"probability of {classes[1]}" if len(classes) == 2 else "confidence in the answer"
    return Chart(
        "Reliability",
        f"Well calibrated: on the diagonal, where three in ten of the genes with a {what} of 0.3 are right. "
        "Point size: number of genes.",
        draw.reliability(bins),
        f"Reliability curve in {len(bins)} bins; expected calibration error {error:.3f} (with perfect probabilities "
        f"{low:.3f} to {high:.3f} on as many genes); slope {slope:.2f} (perfect: 1), intercept {intercept:.2f} "
        "(perfect: 0).",
        bins[["low", "high", "mean_predicted", "fraction", "fraction_low", "fraction_high", "count"]],
    )
