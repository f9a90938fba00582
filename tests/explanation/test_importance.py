import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from dge_experiments.explanation.importance import native, permutation

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
    assert frame.loc[["a", "c"], "importance"].tolist() == [0, 0]


def test_permutation_depends_on_nothing_but_the_seed() -> None:
    model = fitted(LogisticRegression())
    again = [permutation(model, X, Y, "mcc", seed=4) for _ in range(2)]
    pd.testing.assert_frame_equal(*again)
