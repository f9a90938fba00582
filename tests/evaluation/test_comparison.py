import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.comparison import compare, corrected_t_test, holm, mcnemar


def test_corrected_t_worked_by_hand():
    """Mean 0.03, variance 0.00025, 5 folds, n_test / n_train = 1/4: 0.03 / sqrt(0.45 * 0.00025) = 2 sqrt 2.

    Student's distribution with 4 degrees of freedom has P(T <= t) = 1/2 + 3/8 u (1 - u^2 / 12) with
    u = t / sqrt(1 + t^2 / 4): here u = 2 sqrt(2/3), u^2 = 8/3.
    """
    statistic, p = corrected_t_test([0.02, 0.04, 0.03, 0.05, 0.01], n_train=240, n_test=60)
    assert statistic == pytest.approx(2 * np.sqrt(2))
    u = 2 * np.sqrt(2 / 3)
    assert p == pytest.approx(2 * (0.5 - 3 / 8 * u * (1 - u**2 / 12)))


def test_without_overlap_it_is_students_test():
    d = np.random.default_rng(0).normal(0.1, 0.2, 12)
    expected = ttest_1samp(d, 0)
    assert corrected_t_test(d, n_train=10**12, n_test=1) == pytest.approx(
        (expected.statistic, expected.pvalue)
    )


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([0.0] * 5, (0.0, 1.0)),
        ([0.5] * 5, (np.inf, 0.0)),
        ([-0.1] * 3, (-np.inf, 0.0)),
        ([1e-16, -1e-16], (0, 1)),
    ],
)
def test_same_difference_in_every_fold(differences, expected):
    assert corrected_t_test(differences, 80, 20) == expected


def test_corrected_t_refuses_one_fold():
    with pytest.raises(BadInput, match="folds=1"):
        corrected_t_test([0.1], 80, 20)


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_statsmodels(seed):
    p = np.random.default_rng(seed).beta(0.3, 2, 10)
    p[3] = p[4]
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


def test_holm_of_nothing_is_nothing():
    assert len(holm([])) == 0


def predictions(only_first, only_second, both=30):
    n = both + only_first + only_second
    right = np.ones(n, dtype=int)
    first, second = right.copy(), right.copy()
    first[both + only_first :] = 0
    second[both : both + only_first] = 0
    return right, first, second


@pytest.mark.parametrize(("b", "c"), [(3, 9), (15, 2), (40, 61), (1, 0), (30, 12)])
@pytest.mark.parametrize("exact", [True, False])
def test_mcnemar_is_statsmodels(b, c, exact):
    found = mcnemar(*predictions(b, c), exact=exact)
    expected = reference_mcnemar([[30, b], [c, 0]], exact=exact, correction=True)
    assert (found.only_first, found.only_second) == (b, c)
    assert found.p_value == pytest.approx(expected.pvalue)
    if not exact:
        assert found.statistic == pytest.approx(expected.statistic)


def test_mcnemar_is_exact_where_few_genes_differ():
    assert mcnemar(*predictions(12, 12)).exact
    assert not mcnemar(*predictions(12, 13)).exact


def test_mcnemar_of_equal_models_is_one():
    assert mcnemar(*predictions(0, 0)).p_value == 1.0
    assert mcnemar(*predictions(30, 30)).p_value == 1.0


def folds(**scores):
    rng = np.random.default_rng(0)
    return pd.DataFrame({name: mean + sd * rng.standard_normal(10) for name, (mean, sd) in scores.items()})


def test_compare_finds_the_tied_and_the_simplest():
    scores = folds(xgboost=(0.8, 0.01), dummy=(0.5, 0.001), lasso=(0.796, 0.01), svm=(0.6, 0.01))
    found = compare(scores, n_train=90, n_test=10)
    assert set(found.tied) == {"xgboost", "lasso"}
    assert found.best == found.tied[0] == scores.mean().idxmax()
    assert found.simplest == "lasso"
    assert len(found.pairwise) == 6
    row = found.pairwise.set_index(["first", "second"]).loc[("svm", "dummy")]
    assert (row["statistic"], row["p_value"]) == corrected_t_test(scores["svm"] - scores["dummy"], 90, 10)
    np.testing.assert_allclose(
        found.pairwise["p_holm"], multipletests(found.pairwise["p_value"], method="holm")[1]
    )
    assert (found.pairwise["difference"] >= 0).all()
    assert "\n" not in found.sentence
    assert found.sentence.endswith("the simplest of them.")


def test_compare_says_when_none_differs_from_the_dummy():
    scores = folds(lasso=(0.5, 0.03), xgboost=(0.51, 0.05), svm=(0.49, 0.04))
    scores["dummy"] = 0.5
    found = compare(scores, n_train=240, n_test=60)
    assert found.sentence.startswith("None of the 3 models differs from the dummy over 10 folds")
    assert found.simplest == "dummy"
    assert set(found.tied) == set(scores)


def test_compare_with_one_clear_winner():
    found = compare(folds(random_forest=(0.9, 0.01), lasso=(0.6, 0.01)), 90, 10)
    assert found.tied == ("random_forest",)
    assert found.sentence.startswith("Over 10 folds random forest is better than every other model (mean 0.9")


def test_perfect_models_all_tie_and_the_simplest_is_named():
    scores = pd.DataFrame({"xgboost": [1.0] * 5, "lasso": [1.0] * 5, "dummy": [0.5] * 5})
    found = compare(scores, 240, 60)
    assert found.tied == ("lasso", "xgboost")
    assert found.sentence == (
        "Over 5 folds lasso scores best (mean 1.000), but xgboost cannot be told from it; "
        "it is also the simplest of them."
    )


def test_unknown_models_count_as_less_simple():
    scores = pd.DataFrame({"mine": [0.7, 0.8], "svm": [0.7, 0.8]})
    assert compare(scores, 50, 50).simplest == "svm"
    assert compare(scores, 50, 50, order=("mine",)).simplest == "mine"


def test_one_model_is_no_comparison():
    found = compare(pd.DataFrame({"svm": [0.7, 0.8]}), 50, 50)
    assert (found.tied, len(found.pairwise)) == (("svm",), 0)
    assert "nothing to compare" in found.sentence


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (pd.DataFrame(index=[0, 1]), "got no model"),
        (pd.DataFrame({"svm": [0.7]}), "two folds or more, but got 1"),
        (pd.DataFrame({"svm": [0.7, np.nan]}), "model 'svm' has no finite score in fold 1"),
        (pd.DataFrame([[1.0, 2.0]] * 2, columns=["svm", "svm"]), "model 'svm' is there twice"),
    ],
)
def test_bad_folds_are_refused(scores, said):
    with pytest.raises(BadInput, match=said):
        compare(scores, 50, 50)


def test_false_alarms_stay_rare_on_equal_models():
    """Two equal models by 10-fold CV of shared data: the correction must not alarm more often than alpha."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        shared = rng.normal(0, 0.02)  # what the overlapping training parts have in common
        scores = pd.DataFrame({"lasso": rng.normal(0.7, 0.05, 10), "svm": rng.normal(0.7, 0.05, 10) + shared})
        alarms += len(compare(scores, 90, 10).tied) == 1
    assert alarms / 300 < 0.08
