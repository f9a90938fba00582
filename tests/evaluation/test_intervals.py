import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap
from statsmodels.stats.proportion import proportion_confint

from dge_experiments.errors import BadInput
from dge_experiments.evaluation import resampled
from dge_experiments.evaluation.intervals import alike, stratified, wilson
from dge_experiments.search.prediction import Prediction


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10), (4, 4), (19, 300), (2_400, 2_525), (1, 1)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_is_statsmodels(successes, n, level):
    expected = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    assert wilson(successes, n, level) == pytest.approx(expected, abs=1e-9)


def test_wilson_of_nothing_is_nan():
    assert np.isnan(wilson(0, 0)).all()


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(successes, n):
    with pytest.raises(BadInput, match="0 <= successes <= n must hold"):
        wilson(successes, n)


def scored(genes=200, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [genes * 3 // 4, genes - genes * 3 // 4])
    return y, rng.normal(size=genes) + 1.2 * y


def test_mean_over_two_strata_is_scipys_interval():
    """A weighted mean of two class means, which scipy bootstraps without counts."""
    y, x = scored()
    zero, one = x[y == 0], x[y == 1]

    def mean(a, b, axis=-1):
        return 0.75 * a.mean(axis=axis) + 0.25 * b.mean(axis=axis)

    expected = bootstrap(
        (zero, one), mean, n_resamples=2_000, batch=200_000 // 200, rng=np.random.default_rng(5)
    )

    def counted(counts):
        means = [counts[:, y == k] @ x[y == k] / counts[:, y == k].sum(axis=1) for k in (0, 1)]
        return 0.75 * means[0] + 0.25 * means[1]

    ours = stratified(y, {"mean": counted}, seed=5)
    low, high = expected.confidence_interval
    assert ours.loc["mean"].tolist() == pytest.approx([x.mean(), low, high])


def test_many_metrics_share_resamples_and_equal_one_alone():
    y, x = scored()
    auc, ap = resampled.roc_auc(y, x), resampled.average_precision(y, x)
    both = stratified(y, {"auc": auc, "ap": ap}, seed=1, resamples=300)
    pd.testing.assert_frame_equal(both.loc[["ap"]], stratified(y, {"ap": ap}, seed=1, resamples=300))
    assert (both["low"] < both["estimate"]).all()
    assert (both["estimate"] < both["high"]).all()


def test_classes_keep_their_size():
    y, _ = scored()
    seen = []

    def share(counts):
        seen.append(counts @ (y == 1))
        return counts @ np.arange(len(y))

    stratified(y, {"share": share}, seed=0, resamples=50)
    drawn = np.concatenate(seen[:2])
    assert set(drawn) == {50.0}


def test_auc_width_is_delongs():
    """The interval is about 2 * 1.96 standard errors wide (DeLong 1988, doi:10.2307/2531595)."""
    y, x = scored(2_000)
    row = stratified(y, {"auc": resampled.roc_auc(y, x)}, seed=0).loc["auc"]
    above = x[y == 1][:, None] > x[y == 0]
    error = np.sqrt(above.mean(axis=1).var(ddof=1) / 500 + above.mean(axis=0).var(ddof=1) / 1_500)
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * error, rel=0.06)


def test_perfect_score_and_single_gene_cannot_be_told():
    y, x = scored()
    told = stratified(
        y, {"perfect": resampled.roc_auc(y, y.astype(float)), "auc": resampled.roc_auc(y, x)}, seed=0
    )
    assert told.loc["perfect", "estimate"] == 1.0
    assert told.loc["perfect", ["low", "high"]].isna().all()
    assert told.loc["auc"].notna().all()
    lone = np.append(np.zeros(20, dtype=int), 1)
    alone = stratified(lone, {"auc": resampled.roc_auc(lone, np.arange(21.0))}, seed=0)
    assert alone.loc["auc", ["low", "high"]].isna().all()


def test_same_seed_same_interval():
    y, x = scored()
    metric = {"auc": resampled.roc_auc(y, x)}
    pd.testing.assert_frame_equal(stratified(y, metric, seed=2), stratified(y, metric, seed=2))
    assert not stratified(y, metric, seed=2).equals(stratified(y, metric, seed=3))


def test_large_tables_take_the_percentile_interval():
    y, x = scored(16_000)
    row = stratified(y, {"mean": lambda counts: counts @ x / len(x)}, seed=0, resamples=200).loc["mean"]
    within = 0.75 * x[y == 0].var() + 0.25 * x[y == 1].var()
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * np.sqrt(within / 16_000), rel=0.2)


def of_two_classes(genes=60_000, levels=None):
    rng = np.random.default_rng(3)
    y = (rng.uniform(size=genes) < 0.2).astype(np.int64)
    p = 1 / (1 + np.exp(-(rng.normal(size=genes) + 1.5 * y - 1.5)))
    p = p if levels is None else np.round(p * levels) / levels
    return y, Prediction((p > 0.5).astype(np.int64), p, np.column_stack([1 - p, p]))


@pytest.mark.parametrize("levels", [None, 7])
def test_genes_that_score_alike_are_drawn_together(levels):
    """Scores and intervals are those of the genes one by one, to a twentieth of the interval's width."""
    y, said = of_two_classes(levels=levels)
    few, alike_said, sizes = alike(y, said)
    assert sizes.sum() == len(y)
    assert len(few) <= 20_000
    for code in (0, 1):
        assert sizes[few == code].sum() == (y == code).sum()

    def statistics(y, said):
        return {
            "mcc": resampled.matthews(y, said.predicted),
            "roc_auc": resampled.roc_auc(y, said.ranking),
            "average_precision": resampled.average_precision(y, said.ranking),
            "brier": resampled.brier(y, said.probability[:, 1]),
            "log_loss": resampled.log_loss(y, said.probability[:, 1]),
        }

    each = stratified(y, statistics(y, said), seed=0, resamples=4_000)
    together = stratified(few, statistics(few, alike_said), seed=0, resamples=4_000, sizes=sizes)
    width = each["high"] - each["low"]
    assert ((together["estimate"] - each["estimate"]).abs() < width / 20).all()
    assert ((together["high"] - together["low"]) / width).between(0.9, 1.1).all()
    assert together.loc["mcc", "estimate"] == pytest.approx(each.loc["mcc", "estimate"], abs=1e-12)
    if levels is not None:  # no more distinct scores than parts: nothing is rounded
        assert together["estimate"].tolist() == pytest.approx(each["estimate"].tolist(), abs=1e-3)
