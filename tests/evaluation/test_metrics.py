import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.confusion import confusion, per_class
from dge_experiments.evaluation.key import Key, leading
from dge_experiments.evaluation.metrics import REGISTRY, Metric, check, compared, scorer, scores
from dge_experiments.explanation.methods.permutation import permutation
from dge_experiments.search.prediction import Prediction

Y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])


def test_worked_example() -> None:
    ranking = np.array([0.1, 0.2, 0.3, 0.4, 0.45, 0.9, 0.35, 0.6, 0.7, 0.8])
    result = scores(Y, Prediction((ranking > 0.5).astype(np.int64), ranking, None))
    assert result["accuracy"] == 0.8
    assert result["balanced_accuracy"] == pytest.approx((5 / 6 + 3 / 4) / 2)
    assert result["mcc"] == pytest.approx((3 * 5 - 1 * 1) / np.sqrt(4 * 4 * 6 * 6))
    assert result["roc_auc"] == pytest.approx((3 + 5 + 5 + 5) / 24)
    assert result["average_precision"] == pytest.approx((1 / 2 + 2 / 3 + 3 / 4 + 4 / 7) / 4)


def test_a_constant_answer() -> None:
    result = scores(Y, Prediction(np.zeros(10, np.int64), np.zeros(10), None))
    assert result == {
        "accuracy": 0.6,
        "balanced_accuracy": 0.5,
        "mcc": 0.0,
        "roc_auc": 0.5,
        "average_precision": 0.4,
    }


def test_three_classes_against_the_rest() -> None:
    y = np.array([0, 1, 2, 0, 1, 2])
    perfect = np.eye(3)[y]
    result = scores(y, Prediction(y, perfect, perfect))
    assert {result[metric] for metric in compared(result)} == {1.0}
    assert result["brier"] == 0.0
    assert result["log_loss"] == pytest.approx(0, abs=1e-12)


def test_brier_and_log_loss_of_a_known_probability() -> None:
    p = np.where(Y == 1, 0.75, 0.25)
    result = scores(Y, Prediction(Y, p, np.column_stack([1 - p, p])))
    assert result["brier"] == pytest.approx(0.0625)
    assert result["log_loss"] == pytest.approx(-np.log(0.75))


def test_per_class_and_confusion() -> None:
    predicted = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1])
    frame = per_class(Y, predicted, ("down", "up")).set_index("class")
    assert frame.loc["down", ["precision", "recall", "genes", "predicted"]].tolist() == [5 / 6, 5 / 6, 6, 6]
    assert frame.loc["up", "f1"] == 0.75
    assert confusion(Y, predicted, ("down", "up")).to_numpy().tolist() == [[5, 1], [1, 3]]


def test_a_class_that_is_never_predicted_has_precision_0() -> None:
    frame = per_class(Y, np.zeros(10, np.int64), ("down", "up"))
    assert frame["precision"].tolist() == [0.6, 0.0]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", [n for n, m in REGISTRY.items() if m.resampled])
def test_a_metric_resampled_once_is_its_score(name: str, classes: int) -> None:
    rng = np.random.default_rng(classes)
    y = rng.permutation(np.arange(60) % classes)
    probability = rng.dirichlet(np.ones(classes), 60)
    prediction = Prediction(
        probability.argmax(axis=1), probability[:, 1] if classes == 2 else probability, probability
    )
    metric = REGISTRY[name]
    assert metric.statistic(y, prediction)(np.ones((1, 60))) == pytest.approx([metric.score(y, prediction)])


@pytest.mark.parametrize("name", ["f1", "precision", "recall"])
def test_the_scores_of_one_class_are_scikit_learns(name: str) -> None:
    theirs = getattr(sk, f"{name}_score")
    rng = np.random.default_rng(0)
    for classes in (2, 3):
        y, predicted = rng.integers(classes, size=(2, 50))
        prediction = Prediction(predicted, np.zeros(50) if classes == 2 else np.ones((50, 3)) / 3, None)
        macro = theirs(y, predicted, average="macro", zero_division=0)
        assert scores(y, prediction, f"{name}_macro")[f"{name}_macro"] == pytest.approx(macro)
        one = theirs(y, predicted, zero_division=0) if classes == 2 else macro
        assert REGISTRY[name].score(y, prediction) == pytest.approx(one)
    nothing = Prediction(np.zeros(10, np.int64), np.zeros(10), None)
    assert REGISTRY[name].score(Y, nothing) == 0


def test_what_is_searched_for_is_computed_besides() -> None:
    prediction = Prediction(Y, Y.astype(float), np.eye(2)[Y])
    assert set(scorer("neg_log_loss")(Y, prediction)) == {*scores(Y, prediction), "neg_log_loss"}
    assert set(scores(Y, prediction, held_out=True)) == {*scores(Y, prediction), "ece"}


def test_a_metric_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    rightly = Metric(
        "rightly", "genes called rightly", lambda y, p: float((y == p.predicted).sum()), computed="asked"
    )
    monkeypatch.setitem(REGISTRY, "rightly", rightly)
    check("rightly")
    prediction = Prediction(Y, Y.astype(float), None)
    assert scorer("rightly")(Y, prediction)["rightly"] == 10
    twice = rightly.statistic(Y, prediction)(np.array([[2.0] * 10, [0.0] * 5 + [1.0] * 5]))
    assert twice.tolist() == [20, 5]
    assert str(Key("rightly", end="std")) == "cv/rightly_std" and Key("rightly").greater_is_better
    permuted = permutation(Threshold(), pd.DataFrame({"x": Y - 0.5, "n": 0.0}), Y, "rightly", 0)
    assert permuted["importance"][0] > 1 and permuted["importance"][1] == 0


class Threshold:
    """Calls a gene 1 where its x is above 0."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return (rows["x"] > 0).to_numpy()

    def decision_function(self, rows: pd.DataFrame) -> np.ndarray:
        return rows["x"].to_numpy()


@pytest.mark.parametrize(
    ("scoring", "line"),
    [
        ("f1_makro", r"f1_makro: no such metric, did you mean f1_macro\? \(there are accuracy, "),
        ("log_loss", "less is better, and a search maximises; use neg_log_loss"),
        ("brier", "use neg_brier_score"),
        ("neg_log_loss", "needs probabilities, which this model does not give"),
    ],
)
def test_a_scoring_that_cannot_be_searched_for(scoring: str, line: str) -> None:
    with pytest.raises(BadInput, match=line):
        check(scoring, probabilities=False)


KEYS = {
    "bbc/roc_auc_low": (Key("roc_auc", "bbc", end="low"), True),
    "honest/bbc/mcc": (Key("mcc", "bbc", "honest"), True),
    "cv/mcc": (Key("mcc"), True),
    "cv/roc_auc_std": (Key("roc_auc", end="std"), True),
    "honest/test/log_loss_high": (Key("log_loss", "test", "honest", "high"), False),
    "baseline/cv/neg_log_loss": (Key("neg_log_loss", "cv", "baseline"), True),
    "external/a table/ece": (Key("ece", "external/a table"), False),
    "test/deceased/recall_low": (Key("recall", "test/deceased", end="low"), True),
    "fit_seconds": (Key("fit_seconds", ""), False),
    "gap/test/mcc": (Key("mcc", "test", "gap"), True),
}


@pytest.mark.parametrize("text", KEYS)
def test_a_key_is_what_is_written(text: str) -> None:
    key, greater_is_better = KEYS[text]
    assert Key.parse(text) == key and str(key) == text
    assert key.greater_is_better == greater_is_better


@given(st.builds(
    Key, st.sampled_from(list(REGISTRY)), st.sampled_from(["cv", "test", "test/up", "external/x_low"]),
    st.sampled_from(["", "honest", "baseline"]), st.sampled_from(["", "low", "high", "std"]),
))  # fmt: skip
def test_every_key_is_read_back(key: Key) -> None:
    assert Key.parse(str(key)) == key


def test_the_honest_score_of_a_run_without_label_sources_is_its_own() -> None:
    key = Key("mcc").read("honest")
    assert (key.of({"cv/mcc": 0.5}), key.of({"cv/mcc": 0.5}, ("t",))) == (0.5, None)
    assert key.of({"cv/mcc": 1.0, "honest/cv/mcc": 0.2}, ("t",)) == 0.2


def test_runs_are_ranked_by_the_bias_corrected_score_where_all_have_it() -> None:
    tuned, both = {"cv/mcc": 0.5}, {"cv/mcc": 0.5, "bbc/mcc": 0.4}
    leaky, honest = {**both, "honest/cv/mcc": 0.1}, {**both, "honest/cv/mcc": 0.1, "honest/bbc/mcc": 0.0}
    for runs, name in (
        ([both, both], "bbc/mcc"),
        ([both, tuned], "cv/mcc"),
        ([both, honest], "bbc/mcc"),
        ([both, leaky], "cv/mcc"),
        ([{"test/mcc": 0.5}], "cv/mcc"),
        ([], "cv/mcc"),
    ):
        assert str(leading("mcc", runs)) == name
    assert str(Key("mcc", "bbc", "honest").on_folds) == "honest/cv/mcc"
    assert str(Key("mcc", "test").on_folds) == "test/mcc"
