import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact, mannwhitneyu
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    confusion_matrix,
    matthews_corrcoef,
)

from dge_experiments.evaluation.chance import p_value
from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.search.prediction import Prediction

METRICS = [m.name for m in REGISTRY.values() if m.greater_is_better and m.needs != "probability"]


def two(genes=80, shift=0.5, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(genes) < 0.25).astype(np.int64)
    x = rng.normal(size=genes) + shift * y
    return y, Prediction((x > 0.7).astype(np.int64), x, None)


def three(genes=90, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, genes)
    x = rng.normal(size=(genes, 3)) + shift * np.eye(3)[y]
    return y, Prediction(x.argmax(axis=1), x, None)


def p(data, metric, seed=0, groups=None):
    return p_value(*data, metric, constant=0, seed=seed, groups=groups)


@pytest.mark.parametrize("metric", ["balanced_accuracy", "mcc"])
def test_decisions_are_fishers_exact_test(metric):
    y, prediction = two()
    table = confusion_matrix(y, prediction.predicted)
    assert p((y, prediction), metric) == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


def test_accuracy_is_the_sign_test_against_the_constant_answer():
    y, prediction = two(shift=3)
    right = prediction.predicted == y
    gained, lost = int(np.sum(right & (y == 1))), int(np.sum(~right & (y == 0)))
    assert p((y, prediction), "accuracy") == pytest.approx(
        binomtest(gained, gained + lost, alternative="greater").pvalue
    )


def test_auc_is_the_rank_sum_test():
    y, prediction = two()
    expected = mannwhitneyu(
        prediction.ranking[y == 1], prediction.ranking[y == 0], alternative="greater"
    ).pvalue
    assert p((y, prediction), "roc_auc") == pytest.approx(expected)


@pytest.mark.parametrize("digits", [6, 0])
def test_average_precision_is_its_permutation_test(digits):
    y, prediction = two(40)
    prediction = Prediction(prediction.predicted, prediction.ranking.round(digits), None)
    rng = np.random.default_rng(1)
    null = [average_precision_score(rng.permutation(y), prediction.ranking) for _ in range(500)]
    expected = np.mean(np.array(null) >= average_precision_score(y, prediction.ranking) - 1e-12)
    assert p((y, prediction), "average_precision") == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize(
    ("metric", "score"), [("balanced_accuracy", balanced_accuracy_score), ("mcc", matthews_corrcoef)]
)
def test_three_classes_are_permuted(metric, score):
    y, prediction = three(shift=0.2)
    rng = np.random.default_rng(1)
    null = np.array([score(rng.permutation(y), prediction.predicted) for _ in range(500)])
    assert p((y, prediction), metric) == pytest.approx(
        np.mean(null >= score(y, prediction.predicted) - 1e-12), abs=0.05
    )


@pytest.mark.parametrize("data", [two, three])
@pytest.mark.parametrize("metric", METRICS)
def test_what_is_right_every_time_is_better(data, metric):
    y, _ = data()
    exact = np.eye(3)[y] if data is three else y.astype(float)
    assert p((y, Prediction(y, exact, None)), metric) < 1e-3


@pytest.mark.parametrize("metric", METRICS)
def test_the_constant_answer_is_not_better_than_itself(metric):
    y, _ = two()
    assert p((y, Prediction(np.zeros_like(y), np.zeros(len(y)), None)), metric) > 0.4


def test_large_tables_take_the_normal_distribution_of_few_permutations(monkeypatch):
    monkeypatch.setattr("dge_experiments.evaluation.chance.GENES_DEALT", 20_000 * 400)
    y, prediction = two(20_000, shift=0.015)
    auc = p((y, prediction), "roc_auc")
    assert 0.001 < auc < 0.5
    assert p((y, prediction), "average_precision") == pytest.approx(auc, abs=0.2)
    assert p(two(20_000, shift=0.3), "average_precision") < 1e-9


@pytest.mark.parametrize("metric", METRICS)
def test_rows_that_stand_twice_prove_no_more(metric):
    y, prediction = two(shift=1.5)
    twice = Prediction(np.repeat(prediction.predicted, 2), np.repeat(prediction.ranking, 2), None)
    grouped = p((np.repeat(y, 2), twice), metric, groups=np.repeat(np.arange(len(y)), 2))
    assert grouped == pytest.approx(p((y, prediction), metric), rel=0.6, abs=0.05)
    assert p((np.repeat(y, 2), twice), metric) <= grouped


@pytest.mark.parametrize("data", [two, three])
@pytest.mark.parametrize("metric", ["balanced_accuracy", "roc_auc", "average_precision"])
def test_level(data, metric, monkeypatch):
    """Of answers that know nothing 5 % are called better, within three standard errors of 200 draws."""
    monkeypatch.setattr("dge_experiments.evaluation.chance.PERMUTATIONS", 400)
    found = [p(data(shift=0.0, seed=seed), metric, seed) < 0.05 for seed in range(200)]
    assert np.mean(found) <= 0.096
