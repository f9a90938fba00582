import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from dge_experiments.evaluation.metrics import REGISTRY
from dge_experiments.evaluation.scorers import SKLEARN
from dge_experiments.explanation.methods.native import native
from dge_experiments.explanation.methods.permutation import permutation

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(400, 3)), columns=["a", "b", "c"])
Y = (X["b"] > 0).to_numpy(np.int64)


def fitted(estimator: object) -> object:
    return make_pipeline(StandardScaler(), estimator).fit(X, Y)


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (RandomForestClassifier(20, random_state=0), "MDI"),
        (XGBClassifier(n_estimators=5), "gain"),
        (LogisticRegression(), "coefficient"),
    ],
)
def test_native_names_what_it_is_and_finds_the_only_cause(estimator: object, kind: str) -> None:
    frame = native(fitted(estimator), list(X.columns))
    assert frame is not None
    assert frame["kind"].unique().tolist() == [kind]
    assert frame["share"].sum() == pytest.approx(1)
    assert frame.set_index("feature")["importance"].idxmax() == "b"
    assert ("coefficient" in frame) == (kind == "coefficient")


def test_a_radial_svm_has_none() -> None:
    assert native(fitted(SVC()), list(X.columns)) is None


def test_permuting_the_only_cause_leaves_chance_and_permuting_noise_changes_nothing() -> None:
    model = fitted(RandomForestClassifier(20, max_features=None, random_state=0))
    frame = permutation(model, X, Y, "balanced_accuracy", seed=1, repeats=30).set_index("feature")
    assert frame.loc["b", "importance"] == pytest.approx(0.5, abs=0.03)
    assert frame.loc["b", "low"] < 0.5 < frame.loc["b", "high"]
    assert (frame.loc[["a", "c"], ["importance", "low", "high"]] == 0).all(axis=None)


class Sign:
    """Calls a gene 1 where its feature is above 0."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return (rows["x"] > 0).to_numpy()

    def decision_function(self, rows: pd.DataFrame) -> np.ndarray:
        return rows["x"].to_numpy()


def test_the_interval_of_a_drop_holds_the_true_drop_as_often_as_it_says() -> None:
    """x is 1 or -1 and right 4 times in 5; shuffled it is right half the time: the drop is 0.3."""
    rng, covered = np.random.default_rng(5), 0
    for draw in range(100):
        y = np.repeat([0, 1], 60)
        right = rng.random(120) < 0.8
        frame = permutation(
            Sign(), pd.DataFrame({"x": np.where(right, 2 * y - 1, 1 - 2 * y)}), y, "accuracy", draw
        )
        covered += frame["low"][0] <= 0.3 <= frame["high"][0]
    assert 88 <= covered <= 99


SLOW = set(SKLEARN) - {"f1_weighted"}  # scored one resample after the other, all in the same way


@pytest.mark.parametrize(
    "scoring", [m.name for m in REGISTRY.values() if m.greater_is_better and m.name not in SLOW]
)
def test_the_drop_is_that_of_scikit_learns_score(scoring: str) -> None:
    rng = np.random.default_rng(1)
    y = (X["b"] + rng.normal(size=400) > 0).to_numpy(np.int64)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    name = {"mcc": "matthews_corrcoef"}.get(scoring, scoring)
    theirs = permutation_importance(model, X, y, scoring=name, n_repeats=50, random_state=0)
    ours = permutation(model, X, y, scoring, seed=0, repeats=50)
    assert ours["importance"].to_numpy() == pytest.approx(theirs.importances_mean, abs=0.012)


def test_cover_is_that_of_the_splits() -> None:
    """Of one stump on b all cover is b's; two features that split the same genes share it."""
    stump = native(fitted(XGBClassifier(n_estimators=1, max_depth=1)), list(X.columns))
    assert stump is not None and stump["cover"].tolist() == [0, 1, 0]
    deep = fitted(XGBClassifier(n_estimators=5))
    found = deep[-1].get_booster().get_score(importance_type="cover")
    shares = native(deep, list(X.columns))
    assert shares is not None
    assert shares["cover"].tolist() == pytest.approx(
        [found.get(f"f{k}", 0) / sum(found.values()) for k in range(3)]
    )


def test_permutation_depends_on_nothing_but_the_seed() -> None:
    model = fitted(LogisticRegression())
    again = [permutation(model, X, Y, "mcc", seed=4) for _ in range(2)]
    pd.testing.assert_frame_equal(*again)
