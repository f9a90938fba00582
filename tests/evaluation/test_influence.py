import numpy as np
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, matthews_corrcoef, roc_auc_score

from dge_experiments.evaluation import influence, resampled
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.search.prediction import Prediction


def scored(genes=120, digits=None, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(genes) < 0.3).astype(np.int64)
    x = rng.normal(size=genes) + y
    return y, x if digits is None else x.round(digits)


def by_difference(statistic, genes, step=1e-6):
    """The change of a score when one gene counts a little more."""
    counts = np.ones((genes + 1, genes))
    counts[np.arange(genes) + 1, np.arange(genes)] += step
    scores = statistic(counts)
    return (scores[1:] - scores[0]) / step


@pytest.mark.parametrize("digits", [None, 0])
def test_average_precision(digits):
    y, x = scored(digits=digits)
    score, influences = influence.average_precision(y == 1, x)
    assert score == pytest.approx(average_precision_score(y, x))
    np.testing.assert_allclose(
        influences, by_difference(resampled.average_precision(y, x), len(y)), atol=1e-7
    )
    assert influences.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("digits", [None, 0])
def test_roc_auc(digits):
    """By difference but for n / (n - 1) within each class, which makes DeLong's variance without bias."""
    y, x = scored(digits=digits)
    score, influences = influence.roc_auc(y == 1, x)
    assert score == pytest.approx(roc_auc_score(y, x))
    expected = by_difference(resampled.roc_auc(y, x), len(y))
    for code in (0, 1):
        n = (y == code).sum()
        np.testing.assert_allclose(
            influences[y == code], expected[y == code] * np.sqrt(n / (n - 1)), atol=1e-7
        )
    above = (x[y == 1][:, None] > x[y == 0]) + 0.5 * (x[y == 1][:, None] == x[y == 0])
    delong = above.mean(axis=1).var(ddof=1) / (y == 1).sum() + above.mean(axis=0).var(ddof=1) / (y == 0).sum()
    assert influences @ influences == pytest.approx(delong)


@pytest.mark.parametrize("classes", [2, 3])
def test_matthews(classes):
    rng = np.random.default_rng(1)
    y, predicted = rng.integers(0, classes, (2, 90))
    predicted = np.where(rng.random(90) < 0.5, y, predicted)
    counts = confusion_matrix(y, predicted).astype(float)
    assert influence.matthews(counts) == pytest.approx(matthews_corrcoef(y, predicted))
    expected = by_difference(resampled.matthews(y, predicted), 90)
    np.testing.assert_allclose(influence.of_matthews(counts)[y, predicted], expected, atol=1e-4)


@pytest.mark.parametrize(
    "metric", ["f1", "f1_macro", "precision", "recall", "accuracy", "balanced_accuracy", "mcc"]
)
def test_scores_of_classes(metric):
    """By difference for each gene; the means have n / (n - 1) besides."""
    y, x = scored()
    prediction = Prediction((x > 0.8).astype(np.int64), x, None)
    score, influences = influence.influences(y, prediction, metric)
    assert score == pytest.approx(REGISTRY[metric].score(y, prediction))
    expected = by_difference(REGISTRY[metric].statistic(y, prediction), len(y))
    np.testing.assert_allclose(influences, expected, rtol=0.03, atol=1e-5)


@pytest.mark.parametrize("metric", ["brier", "log_loss", "neg_brier_score", "neg_log_loss"])
def test_losses(metric):
    y, x = scored()
    p = 1 / (1 + np.exp(-x))
    prediction = Prediction((p > 0.5).astype(np.int64), p, np.column_stack([1 - p, p]))
    score, influences = influence.influences(y, prediction, metric)
    assert score == pytest.approx(REGISTRY[metric].score(y, prediction))
    np.testing.assert_allclose(
        influences, by_difference(REGISTRY[metric].statistic(y, prediction), len(y)), rtol=0.01, atol=1e-6
    )


def test_design_effect_of_rows_that_stand_twice():
    values = np.random.default_rng(0).normal(size=50)
    assert influence.design_effect(np.repeat(values, 2), np.repeat(np.arange(50), 2)) == pytest.approx(2)
    assert influence.design_effect(values, np.arange(50)) == 1
    assert influence.design_effect(values, None) == 1
    assert influence.design_effect(np.zeros(60), np.repeat(np.arange(20), 3)) == 3
