import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from dge_experiments.evaluation import influence, metrics
from dge_experiments.evaluation.area import auc_limits, average_precision_limits
from dge_experiments.evaluation.intervals import intervals, mover
from dge_experiments.evaluation.proportion import near_ends, wilson
from dge_experiments.search.prediction import Prediction

Z = norm.ppf(0.975)


def two(genes=60, positives=4, seed=0, shift=1.2):
    """Genes of two classes with their true probability, called at the prevalence."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [genes - positives, positives])
    share = positives / genes
    odds = share / (1 - share) * np.exp(shift * (rng.normal(size=genes) + shift * y) - shift**2 / 2)
    p = odds / (1 + odds)
    return y, Prediction((p > share).astype(np.int64), p, np.column_stack([1 - p, p]))


def three(genes=90, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2], genes // 3)
    p = rng.dirichlet([1, 1, 1], genes) + 0.5 * np.eye(3)[y]
    p /= p.sum(axis=1, keepdims=True)
    return y, Prediction(p.argmax(axis=1), p, p)


def test_difference_of_two_proportions_is_newcombes_example():
    """56 of 70 and 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10)."""
    limits = mover([1, -1], [56 / 70, 48 / 80], [wilson(56, 70), wilson(48, 80)])
    assert limits == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert limits == pytest.approx(confint_proportions_2indep(56, 70, 48, 80, method="newcomb"))


def test_sum_of_one_score_with_itself_is_twice_its_interval():
    related = np.ones((2, 2))
    assert mover([1, 1], [0.5, 0.5], [(0.4, 0.7), (0.4, 0.7)], related) == pytest.approx((0.8, 1.4))
    assert mover([1, -1], [0.5, 0.5], [(0.4, 0.7), (0.4, 0.7)])[0] == pytest.approx(-np.hypot(0.1, 0.2))


@pytest.mark.parametrize("data", [two(), two(400, 40), three()])
def test_balanced_accuracy_combines_the_recalls(data):
    y, prediction = data
    right = [((y == k) & (prediction.predicted == k)).sum() for k in np.unique(y)]
    sizes = np.bincount(y)
    ends = np.array([near_ends(r, n) for r, n in zip(right, sizes, strict=True)])
    recalls = right / sizes
    half = [np.sqrt(np.sum((recalls - ends[:, side]) ** 2)) / len(sizes) for side in (0, 1)]
    expected = recalls.mean() - half[0], recalls.mean() + half[1]
    assert intervals(y, prediction, seed=0).loc["balanced_accuracy"].tolist() == pytest.approx(expected)


@pytest.mark.parametrize(("in_class", "in_rest"), [(4, 56), (30, 30), (129, 2_396)])
def test_auc_limits_solve_newcombes_equation(in_class, in_rest):
    """|limit - AUC| = z sd(limit), with Hanley and McNeil's variance at the mean sample size."""
    mean_size = (in_class + in_rest) / 2 - 1

    def sd(a):
        return np.sqrt(
            a * (1 - a) * (1 + mean_size * ((1 - a) / (2 - a) + a / (1 + a))) / (in_class * in_rest)
        )

    plain = auc_limits(1.0, np.zeros(in_class + in_rest), (in_class, in_rest))
    assert plain[1] == 1.0
    assert 1 - plain[0] == pytest.approx(Z * sd(plain[0]), rel=1e-6)
    genes = min(in_class, in_rest)
    as_it_says = np.full(
        in_class + in_rest, sd(0.8) / np.sqrt(in_class + in_rest)
    )  # DeLong's variance is Newcombe's
    scale = np.sqrt((genes + 15) / (genes + 10))
    for limit in auc_limits(0.8, as_it_says, (in_class, in_rest)):
        assert abs(limit - 0.8) == pytest.approx(scale * Z * sd(limit), rel=1e-6)


def test_auc_of_many_genes_is_delongs():
    y, prediction = two(4_000, 1_000)
    auc, moved = influence.roc_auc(y == 1, prediction.ranking)
    low, high = intervals(y, prediction, seed=0).loc["roc_auc"]
    assert high - low == pytest.approx(2 * Z * np.sqrt(moved @ moved), rel=0.02)
    assert (low + high) / 2 == pytest.approx(auc, abs=0.002)


def test_average_precision_of_one_gene_says_nothing():
    assert average_precision_limits(0.3, np.zeros(5), 1) == (0, 1)


def test_mean_loss_of_many_genes_is_the_normal_interval():
    y, prediction = two(20_000, 4_000)
    found = intervals(y, prediction, seed=0)
    for metric, loss in {
        "brier": (prediction.probability[:, 1] - y) ** 2,
        "log_loss": -np.log(prediction.probability[np.arange(len(y)), y]),
    }.items():
        low, high = found.loc[metric]
        assert high - low == pytest.approx(2 * Z * loss.std() / np.sqrt(len(y)), rel=0.02)
        assert (low + high) / 2 == pytest.approx(loss.mean(), rel=0.001)


def perfect(y):
    p = np.eye(y.max() + 1)[y]
    return Prediction(y, p[:, 1] if p.shape[1] == 2 else p, p)


def constant(y):
    p = np.tile(np.bincount(y) / len(y), (len(y), 1))
    return Prediction(np.full_like(y, p[0].argmax()), p[:, 1] if p.shape[1] == 2 else p, p)


@pytest.mark.parametrize("answer", [perfect, constant])
@pytest.mark.parametrize(
    "y",
    [np.repeat([0, 1], [56, 4]), np.repeat([0, 1], [59, 1]), np.repeat([0, 1, 2], [40, 16, 4])],
    ids=["four", "one", "three classes"],
)
def test_every_interval_exists_and_holds_its_score(answer, y):
    scores = pd.Series(metrics.scores(y, answer(y)))
    found = intervals(y, answer(y), seed=0)
    assert list(found.index) == list(scores.index)
    assert np.isfinite(found).all(axis=None)
    assert (found["low"] <= scores + 1e-9).all()
    assert (scores <= found["high"] + 1e-9).all()
    assert (found["low"] < found["high"]).all()


def test_order_of_the_genes_changes_nothing():
    y, prediction = two(200, 20)
    order = np.random.default_rng(0).permutation(200)
    shuffled = Prediction(
        prediction.predicted[order], prediction.ranking[order], prediction.probability[order]
    )
    pd.testing.assert_frame_equal(intervals(y[order], shuffled, seed=0), intervals(y, prediction, seed=0))


@pytest.mark.parametrize("data", [two(200, 40), three()])
def test_rows_that_stand_twice_tell_no_more(data):
    y, prediction = data
    twice = Prediction(
        *(
            np.repeat(part, 2, axis=0)
            for part in (prediction.predicted, prediction.ranking, prediction.probability)
        )
    )
    once = intervals(y, prediction, seed=0)
    grouped = intervals(np.repeat(y, 2), twice, seed=0, groups=np.repeat(np.arange(len(y)), 2))
    exact = ["accuracy", "balanced_accuracy", "mcc"]
    pd.testing.assert_frame_equal(grouped.loc[exact], once.loc[exact])
    width = once["high"] - once["low"]
    assert ((grouped - once).abs().max(axis=1) < 0.03 * width).all()
    alone = intervals(np.repeat(y, 2), twice, seed=0)
    assert (alone["high"] - alone["low"] < 0.85 * width).all()


@pytest.mark.parametrize(("genes", "positives"), [(60, 4), (200, 20)])
def test_coverage(genes, positives):
    """benchmarks/methods/intervals.py in small: 100 tables, at least 90 % each (95 % less two standard errors)."""
    share, rng = positives / genes, np.random.default_rng(0)
    population, prediction = two(400_000, int(400_000 * share))
    truth = pd.Series(metrics.scores(population, prediction))
    covered = []
    for draw in range(100):
        ones = max(2, rng.binomial(genes, share))
        y = np.repeat([0, 1], [genes - ones, ones])
        odds = share / (1 - share) * np.exp(1.2 * (rng.normal(size=genes) + 1.2 * y) - 0.72)
        p = odds / (1 + odds)
        answer = Prediction((p > share).astype(np.int64), p, np.column_stack([1 - p, p]))
        found = intervals(y, answer, seed=draw)
        covered.append((found["low"] <= truth) & (truth <= found["high"]))
    assert (pd.concat(covered, axis=1).mean(axis=1) >= 0.9).all()
