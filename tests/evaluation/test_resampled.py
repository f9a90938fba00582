"""Scores from counts are scikit-learn's on the genes repeated that often."""

import numpy as np
import pytest
from sklearn import metrics

from dge_experiments.evaluation import resampled


def binary(genes=80, digits=None):
    rng = np.random.default_rng(0)
    y = (rng.random(genes) < 0.3).astype(int)
    p = 1 / (1 + np.exp(-(2 * y - 1 + rng.normal(size=genes))))
    return y, p if digits is None else p.round(digits), rng.multinomial(genes, np.full(genes, 1 / genes), 6)


def three(genes=90):
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1, 2], genes // 3)
    p = rng.dirichlet([1, 1, 1], genes) + 0.5 * np.eye(3)[y]
    return y, p / p.sum(axis=1, keepdims=True), rng.multinomial(genes, np.full(genes, 1 / genes), 6)


def repeated(counts, *arrays):
    for row in counts:
        yield [np.repeat(a, row, axis=0) for a in arrays]


@pytest.mark.parametrize("digits", [None, 1])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (resampled.roc_auc, metrics.roc_auc_score),
        (resampled.average_precision, metrics.average_precision_score),
        (resampled.brier, metrics.brier_score_loss),
        (resampled.log_loss, metrics.log_loss),
    ],
)
def test_two_classes(ours, theirs, digits):
    y, p, counts = binary(digits=digits)
    expected = [theirs(labels, chance) for labels, chance in repeated(counts, y, p)]
    np.testing.assert_allclose(ours(y, p)(counts.astype(float)), expected)
    np.testing.assert_allclose(ours(y, np.column_stack([1 - p, p]))(counts.astype(float)), expected)
    assert ours(y, p)(np.ones((1, len(y)))) == pytest.approx(theirs(y, p))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (resampled.roc_auc, lambda y, p: metrics.roc_auc_score(y, p, multi_class="ovr")),
        (resampled.average_precision, lambda y, p: metrics.average_precision_score(y, p, average="macro")),
        (resampled.brier, metrics.brier_score_loss),
        (resampled.log_loss, metrics.log_loss),
    ],
)
def test_three_classes(ours, theirs):
    y, p, counts = three()
    expected = [theirs(labels, chance) for labels, chance in repeated(counts, y, p)]
    np.testing.assert_allclose(ours(y, p)(counts.astype(float)), expected)


@pytest.mark.parametrize("data", [binary, three])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (resampled.accuracy, metrics.accuracy_score),
        (resampled.balanced_accuracy, metrics.balanced_accuracy_score),
        (resampled.matthews, metrics.matthews_corrcoef),
    ],
)
def test_decisions(ours, theirs, data):
    y, p, counts = data()
    predicted = (p > 0.5).astype(int) if p.ndim == 1 else p.argmax(axis=1)
    expected = [theirs(labels, answers) for labels, answers in repeated(counts, y, predicted)]
    np.testing.assert_allclose(ours(y, predicted)(counts.astype(float)), expected)


def test_constant_answer_has_matthews_zero():
    y = np.repeat([0, 1], 10)
    assert resampled.matthews(y, np.zeros(20, dtype=int))(np.ones((1, 20))) == 0.0


def test_certain_and_wrong_is_a_finite_loss():
    y = np.array([0, 1])
    ours = resampled.log_loss(y, np.array([0.0, 0.0]))(np.ones((1, 2)))
    assert ours == pytest.approx(metrics.log_loss(y, np.array([0.0, 0.0])))
