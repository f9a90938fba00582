import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss, matthews_corrcoef
from sklearn.svm import SVC

from dge_experiments.evaluation.adjusted import AdjustedClassifier
from dge_experiments.evaluation.adjustment import Adjustment, OutOfFold, adjustment, best_cut, cross_fitted
from dge_experiments.search.prediction import predict


def out_of_fold(genes=4_000, share=0.05, stretch=1.0, seed=0):
    """Probabilities of a rare class, right where ``stretch`` is 1, too sure above."""
    rng = np.random.default_rng(seed)
    score = np.log(share / (1 - share)) + rng.normal(0, 1.5, genes)
    y = (rng.random(genes) < expit(score)).astype(np.int64)
    p = expit(stretch * score)
    return OutOfFold(y, np.column_stack([1 - p, p]), np.arange(genes) % 5, True)


def test_right_probabilities_are_left_alone_or_hardly_changed():
    found = adjustment(out_of_fold(), "auto", "0.5", "mcc")
    assert set(found.losses) == {"none", "sigmoid", "beta", "isotonic"}
    assert found.losses["none"] - found.losses[found.method] < 5e-4


def test_probabilities_that_are_too_sure_are_mapped():
    given = out_of_fold(stretch=3.0)
    found = adjustment(given, "auto", "0.5", "mcc")
    assert found.method in ("sigmoid", "beta")
    assert found.losses[found.method] < found.losses["none"]
    mapped = found.predicted(given.values, True)
    right = adjustment(out_of_fold(), "none", "0.5", "mcc")
    assert log_loss(given.y, mapped.probability) == pytest.approx(
        log_loss(given.y, right.predicted(out_of_fold().values, True).probability), abs=2e-3
    )


def test_losses_are_of_maps_that_have_not_seen_the_gene():
    """Of noise every map loses: fitted and scored on the same genes none would."""
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 60), np.full(60, 0.5)
    noise = np.column_stack([1 - p, p]) + 0.01 * rng.normal(size=(60, 1)) * [1, -1]
    found = adjustment(OutOfFold(y, noise, np.arange(60) % 5, True), "auto", "0.5", "mcc")
    assert found.method == "none"


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        ("balanced_accuracy", balanced_accuracy_score),
        ("mcc", matthews_corrcoef),
        ("accuracy", lambda y, p: np.mean(y == p)),
    ],
)
def test_best_cut_is_the_best_of_all_cuts(metric, score):
    rng = np.random.default_rng(0)
    y = (rng.random(150) < 0.2).astype(np.int64)
    values = (rng.normal(size=150) + y).round(1)
    cut = best_cut(y, values, metric)
    tried = [score(y, values > c) for c in (*np.unique(values), values.min() - 1)]
    assert score(y, values > cut) == pytest.approx(max(tried))


def test_threshold_of_a_rare_class():
    given = out_of_fold()
    half = adjustment(given, "none", "0.5", "balanced_accuracy")
    found = adjustment(given, "none", "auto", "balanced_accuracy")
    assert (half.threshold, half.chosen_by) == (0.5, None)
    assert found.chosen_by == "balanced_accuracy"
    assert found.threshold == pytest.approx(
        given.y.mean(), abs=0.03
    )  # of right probabilities it is the prevalence
    called = [a.predicted(given.values, True).predicted for a in (half, found)]
    assert balanced_accuracy_score(given.y, called[1]) > balanced_accuracy_score(given.y, called[0]) + 0.1
    assert adjustment(given, "none", "auto", "average_precision").chosen_by == "mcc"


def test_folds_are_scored_by_maps_of_the_other_folds():
    """Where one fold's genes all have the other class, its own map would turn; that of the others does not."""
    given = out_of_fold(1_000, 0.4, 3.0)
    rows = np.arange(1_000)
    chosen = adjustment(given, "sigmoid", "auto", "mcc")
    folds = [np.flatnonzero(given.fold == k) for k in range(5)]
    predictions = cross_fitted(given, rows, chosen, folds, [given.values[f] for f in folds])
    others = adjustment(given.of(given.fold != 2), "sigmoid", "auto", "mcc")
    np.testing.assert_array_equal(
        predictions[2].probability, others.predicted(given.values[folds[2]], True).probability
    )
    np.testing.assert_array_equal(
        predictions[2].predicted, others.predicted(given.values[folds[2]], True).predicted
    )


@pytest.mark.parametrize("method", ["none", "sigmoid", "beta", "isotonic"])
@pytest.mark.parametrize("threshold", ["0.3", "auto"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", [LogisticRegression(), SVC()], ids=["probabilities", "decision"])
def test_a_fold_with_all_genes_is_not_adjusted(model, classes, threshold, method):
    plain, X, y = fitted(model, classes)
    prediction = predict(plain, X)
    values = prediction.ranking if prediction.probability is None else prediction.probability
    given = OutOfFold(y, values, np.arange(120) % 5, prediction.probability is not None)
    chosen = adjustment(given, method, threshold, "mcc")
    everything, none = np.arange(140), np.arange(0)
    (found, _) = cross_fitted(given, np.arange(120), chosen, [everything[:120], none], [values, values[:0]])
    if prediction.probability is not None:
        np.testing.assert_allclose(found.probability, prediction.probability)
    if threshold == "auto" or classes == 3:
        np.testing.assert_array_equal(found.predicted, prediction.predicted)
    assert (found.probability is None) == (prediction.probability is None and method == "none")


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "mcc"])
def test_genes_of_one_class_have_a_cut_too(metric):
    values = np.arange(5) / 10
    assert np.isfinite(best_cut(np.zeros(5, dtype=np.int64), values, metric))
    assert best_cut(np.ones(5, dtype=np.int64), values, metric) < 0


def fitted(model, classes=2):
    rng = np.random.default_rng(0)
    y = rng.integers(0, classes, 120)
    X = rng.normal(size=(120, 3)) + y[:, None]
    return clone(model).fit(X, y), X, y


@pytest.mark.parametrize("method", ["none", "sigmoid", "beta", "isotonic"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", [LogisticRegression(), SVC()], ids=["probabilities", "decision"])
def test_what_is_served_says_what_was_scored(model, method, classes):
    plain, X, y = fitted(model, classes)
    prediction = predict(plain, X)
    values = prediction.ranking if prediction.probability is None else prediction.probability
    found = adjustment(
        OutOfFold(y, values, np.arange(120) % 5, prediction.probability is not None), method, "0.3", "mcc"
    )
    served = AdjustedClassifier(plain, found.method, found.maps, found.threshold)
    expected, given = found.predicted(values, prediction.probability is not None), predict(served, X)
    np.testing.assert_array_equal(given.predicted, expected.predicted)
    np.testing.assert_array_equal(served.predict(X), expected.predicted)
    np.testing.assert_allclose(given.ranking, expected.ranking)
    if expected.probability is None:
        assert not hasattr(served, "predict_proba")
    else:
        np.testing.assert_allclose(served.predict_proba(X), expected.probability)
        assert served.predict_proba(X).sum(axis=1) == pytest.approx(1)


def test_an_untouched_model_says_the_same():
    plain, X, _ = fitted(LogisticRegression())
    same = Adjustment("none", (), 0.5).predicted(plain.predict_proba(X), True)
    np.testing.assert_array_equal(same.predicted, plain.predict(X))
