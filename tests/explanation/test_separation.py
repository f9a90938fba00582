"""Class separation against values worked by hand, the Mann-Whitney U test and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import silhouette_samples

from dge_experiments.explanation.separation import folded_auc, separation


def test_silhouette_by_hand():
    """Classes at 0, 1 and 10, 11: (9.5 / 10.5 + 8.5 / 9.5) / 2 along PC1; PC2 adds nothing."""
    scores = pd.DataFrame({"PC1": [0.0, 1.0, 10.0, 11.0], "PC2": 0.0})
    result = separation(scores, [0, 0, 1, 1], seed=0)
    silhouette = result.silhouette.set_index("space")["silhouette"]
    assert silhouette["PC1"] == pytest.approx((9.5 / 10.5 + 8.5 / 9.5) / 2)
    assert silhouette["PC1 + PC2"] == pytest.approx(silhouette["PC1"])
    assert silhouette["PC2"] == 0
    assert result.auc["auc"].tolist() == [1.0, 0.5]


def test_auc_is_folded_mann_whitney_u():
    rng = np.random.default_rng(0)
    score, positive = rng.normal(size=60), rng.uniform(size=60) < 0.4
    u = mannwhitneyu(score[positive], score[~positive]).statistic / (positive.sum() * (~positive).sum())
    assert folded_auc(score, positive) == pytest.approx(max(u, 1 - u))
    assert folded_auc(-score, positive) == pytest.approx(max(u, 1 - u))


def test_three_classes_each_have_their_auc():
    scores = pd.DataFrame({"PC1": [0.0, 1, 2, 3, 4, 5], "PC2": [0.0, 5, 1, 4, 2, 3]})
    auc = separation(scores, [0, 0, 1, 1, 2, 2], seed=0).auc.query("component == 'PC1'")
    assert auc["class"].tolist() == [0, 1, 2]
    assert auc["auc"].tolist() == [1.0, 0.5, 1.0]


def test_only_the_components_there_are():
    result = separation(pd.DataFrame({"PC1": [0.0, 1, 2, 3]}), [0, 1, 0, 1], seed=0)
    assert result.silhouette["space"].tolist() == ["PC1"]
    with pytest.raises(ValueError, match="0 features"):
        separation(pd.DataFrame({"x": [0.0, 1]}), [0, 1], seed=0)


def test_the_sample_keeps_proportions_and_rare_classes_and_is_said_so():
    codes = np.repeat([0, 1, 2], [8990, 1000, 10])
    scores = pd.DataFrame(np.random.default_rng(0).normal(size=(10000, 2)), columns=["PC1", "PC2"])
    result = separation(scores, codes, seed=0, max_genes=1000)
    assert result.genes == 1000
    assert "a stratified sample of 1000 of 10000 genes" in result.note
    again = separation(scores, codes, seed=0, max_genes=1000)
    pd.testing.assert_frame_equal(result.silhouette, again.silhouette)


def test_a_sampled_silhouette_is_within_its_standard_error_of_that_of_all_genes():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 4000)
    scores = pd.DataFrame(rng.normal(size=(4000, 2)) + 3 * codes[:, None], columns=["PC1", "PC2"])
    each = silhouette_samples(scores, codes)
    sampled = separation(scores, codes, seed=0, max_genes=1000).silhouette["silhouette"].iloc[-1]
    assert abs(sampled - each.mean()) < 4 * each.std() / np.sqrt(1000)


def test_classes_that_overlap_have_no_silhouette_and_no_auc():
    rng = np.random.default_rng(0)
    scores = pd.DataFrame(rng.normal(size=(2000, 2)), columns=["PC1", "PC2"])
    result = separation(scores, rng.integers(0, 2, 2000), seed=0)
    assert result.silhouette["silhouette"].abs().max() < 0.01
    assert result.auc["auc"].max() < 0.55
