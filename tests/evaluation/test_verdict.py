import numpy as np
import pandas as pd
import pytest

from dge_experiments.evaluation.comparison import holm
from dge_experiments.evaluation.gain import gain
from dge_experiments.evaluation.metrics import REGISTRY, scores
from dge_experiments.evaluation.verdict import verdict
from dge_experiments.report.words.board import compared
from dge_experiments.search.prediction import Prediction

METRICS = [m.name for m in REGISTRY.values() if m.computed == "always" and m.greater_is_better]


ORDER = ("lasso", "svm", "random_forest", "xgboost")


def of(x):
    return Prediction((x > 0.6).astype(np.int64), x, None)


@pytest.fixture(scope="module")
def question():
    """400 genes: `svm` and `xgboost` know much and err together, `lasso` knows little, `random_forest` nothing."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [300, 100])
    common = rng.normal(size=400)
    shifts = {"xgboost": 1.6, "svm": 1.55, "lasso": 0.7}
    answers = {m: of(0.9 * common + 0.4 * rng.normal(size=400) + s * y) for m, s in shifts.items()}
    return y, {**answers, "random_forest": of(rng.normal(size=400))}


@pytest.mark.parametrize("metric", METRICS[1:])
def test_verdict(question, metric):
    y, answers = question
    found = verdict(y, answers, metric, constant=0, seed=0, order=ORDER)
    assert found.above == tuple(m for m in found.models.index if m != "random_forest")
    assert set(found.tied) == {"xgboost", "svm"}
    assert found.simplest == "svm"
    assert found.baseline_score == pytest.approx({"mcc": 0.0, "average_precision": 0.25}.get(metric, 0.5))
    best = found.models.iloc[0]
    assert best["gain"] == pytest.approx(best["score"] - found.baseline_score)
    assert best["score"] == pytest.approx(scores(y, answers[found.models.index[0]])[metric])
    np.testing.assert_allclose(found.models["p_holm"], holm(found.models["p_value"]))
    np.testing.assert_allclose(found.pairs["p_holm"], holm(found.pairs["p_value"]))
    first = found.pairs.iloc[0]
    alone = gain(y, answers[first["first"]], answers[first["second"]], metric)
    assert (first["difference"], first["low"], first["p_value"]) == (
        alone.difference,
        alone.low,
        alone.p_value,
    )
    assert 0 < found.power < 1


def test_where_no_model_is_better_none_is_recommended():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [50, 10])
    found = verdict(y, {m: of(rng.normal(size=60)) for m in ("svm", "lasso")}, "roc_auc", constant=0, seed=0)
    assert (found.above, found.tied, found.simplest) == ((), (), None)


def test_accuracy_is_held_against_the_most_frequent_class(question):
    y, answers = question
    good = of(3 * y + np.random.default_rng(1).normal(size=400) - 1)
    found = verdict(y, {**answers, "xgboost": good}, "accuracy", constant=0, seed=0)
    assert found.baseline_score == 0.75
    assert not found.models.loc["random_forest", "above"]
    assert found.models.loc["random_forest", "gain"] < 0
    assert found.models.loc["xgboost", "above"]


def test_a_ranking_is_a_baseline_too(question):
    y, answers = question
    found = verdict(y, answers, "roc_auc", constant=0, seed=0, ranking=("abs(logFC)", answers["svm"]))
    assert found.baseline == "abs(logFC)"
    assert found.models.loc["svm", ["gain", "gain_low", "gain_high"]].tolist() == [0, 0, 0]
    assert found.above == ()
    lead = gain(y, answers["lasso"], answers["svm"], "roc_auc")
    assert found.models.loc["lasso", "gain_high"] == lead.high


def test_many_folds_add_what_they_say(question):
    y, answers = question
    rng = np.random.default_rng(0)
    folds = pd.DataFrame({"xgboost": rng.normal(0.8, 0.02, 25), "svm": rng.normal(0.7, 0.02, 25)})
    found = verdict(y, answers, "roc_auc", constant=0, seed=0, folds=folds, fold_sizes=(320, 80))
    pair = found.pairs.set_index(["first", "second"])
    known = pair[pair["p_folds"].notna()]
    assert len(known) == 1
    assert known[["folds_first", "folds_equal", "folds_second"]].sum(axis=1).iloc[0] == pytest.approx(1)
    few = verdict(y, answers, "roc_auc", constant=0, seed=0, folds=folds[:5])
    assert "p_folds" not in few.pairs


def test_one_model_alone(question):
    y, answers = question
    found = verdict(y, {"svm": answers["svm"]}, "mcc", constant=0, seed=0, order=ORDER)
    assert (found.tied, found.simplest, found.power, len(found.pairs)) == (("svm",), "svm", None, 0)
    with pytest.raises(ValueError, match="needs a model"):
        verdict(y, {}, "mcc", constant=0, seed=0)


def with_folds(question, **leads):
    """A verdict on 25 folds, on which each model is so much better than `lasso`, give or take."""
    y, answers = question
    rng = np.random.default_rng(0)
    common = rng.normal(0.7, 0.05, 25)
    folds = {m: common + leads.get(m, 0.0) + rng.normal(0, 0.002, 25) for m in answers}
    return verdict(
        y, answers, "roc_auc", constant=0, seed=0, folds=pd.DataFrame(folds), fold_sizes=(4, 1), order=ORDER
    )


def test_folds_say_what_they_see_and_contradict_nothing(question):
    """`svm` and `xgboost` cannot be told apart on the genes, and both are better than the rest."""
    best, other = with_folds(question).tied
    equal = compared(with_folds(question))
    assert f"{other} cannot be told from it (a difference" in equal
    assert equal.endswith(
        f"; svm is the simplest of them; on the 25 folds {best} is equal within 0.01 to {other} (chance 99.9%)."
    )
    better = compared(with_folds(question, **{best: 0.05}))
    assert f"on the 25 folds {best} is better by more than 0.01 than {other} (chance 99.9%)." in better
    worse = compared(with_folds(question, **{best: -0.05}))
    assert f"on the 25 folds {best} is worse by more than 0.01 than {other} (chance 99.9%)." in worse
    open_ = compared(with_folds(question, **{best: 0.01}))
    assert open_.endswith("; nor can the 25 folds tell them apart.")


def test_few_folds_say_nothing(question):
    y, answers = question
    folds = pd.DataFrame({m: np.full(10, 0.5) for m in answers})
    found = verdict(y, answers, "roc_auc", constant=0, seed=0, folds=folds, order=ORDER)
    assert found.folds == 0 and "folds" not in compared(found)
