"""SHAP values add up to the score, and are those of closed forms and of the shap package."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from dge_experiments.explanation.methods.shap import ShapValues, shap_values
from dge_experiments.explanation.svm_shap import radial_svm

HAS_SHAP = importlib.util.find_spec("shap") is not None
needs_shap = pytest.mark.skipif(not HAS_SHAP, reason="needs the shap extra")


def simulated(classes: int = 2, genes: int = 200) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        rng.normal(3, 2, size=(genes, 3)), columns=["a", "b", "c"], index=np.arange(genes) + 1000
    )
    score = X["a"] + 0.5 * X["b"] + rng.normal(size=genes)
    return X, pd.qcut(score, classes, labels=False).to_numpy()


def fitted(estimator, classes: int = 2) -> tuple[Pipeline, pd.DataFrame]:
    X, y = simulated(classes)
    return make_pipeline(StandardScaler(), estimator).fit(X, y), X


def totals(result: ShapValues) -> pd.Series:
    return result.contributions.groupby(["row", "class"])["contribution"].sum()


def assert_adds_up(result: ShapValues, score: np.ndarray, tolerance: float) -> None:
    outputs = result.outputs.set_index(["row", "class"])
    np.testing.assert_allclose(outputs["output"], score.ravel(), atol=tolerance)
    np.testing.assert_allclose(
        totals(result).loc[outputs.index] + outputs["base"], outputs["output"], atol=tolerance
    )


@pytest.mark.parametrize("classes", [2, 3])
def test_xgboost_contributions_add_up_to_the_margin(classes):
    model, X = fitted(XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, random_state=0), classes)
    result = shap_values(model, X, X, seed=0)
    assert_adds_up(result, model[-1].predict(model[:-1].transform(X), output_margin=True), 1e-4)
    assert result.unit == "log-odds"
    assert result.importance["feature"].iloc[0] == "a"
    assert sorted(result.outputs["class"].unique()) == ([1] if classes == 2 else [0, 1, 2])


def test_xgboost_with_early_stopping_explains_the_trees_it_predicts_with():
    X, y = simulated()
    model = XGBClassifier(n_estimators=200, early_stopping_rounds=2, n_jobs=1, random_state=0)
    model.fit(X[:150], y[:150], eval_set=[(X[150:], y[150:])], verbose=False)
    result = shap_values(Pipeline([("model", model)]), X, X, seed=0)
    assert_adds_up(result, model.predict(X, output_margin=True), 1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_linear_contributions_add_up_to_the_log_odds(classes):
    model, X = fitted(LogisticRegression(), classes)
    assert_adds_up(shap_values(model, X, X.iloc[:50], seed=0), model.decision_function(X), 1e-12)


def test_linear_contributions_are_the_closed_form():
    model, X = fitted(LogisticRegression())
    result = shap_values(model, X, X.iloc[:50], seed=0)
    slope = model[-1].coef_[0] / X.std(ddof=0)
    wide = result.contributions.pivot(index="row", columns="feature", values="contribution")
    pd.testing.assert_frame_equal(wide, slope * (X - X.iloc[:50].mean()), check_names=False)
    assert result.contributions["value"].iloc[:3].tolist() == X.iloc[0].tolist()
    assert result.outputs["base"].nunique() == 1


def test_linear_importance_is_the_mean_absolute_contribution():
    model, X = fitted(LogisticRegression())
    importance = shap_values(model, X, X, seed=0).importance.set_index("feature")["importance"]
    expected = np.abs(model[-1].coef_[0]) * ((X - X.mean()) / X.std(ddof=0)).abs().mean()
    assert importance.to_dict() == pytest.approx(expected.to_dict())
    assert importance.is_monotonic_decreasing


def test_linear_svm_of_three_classes_is_not_taken_for_one_row_per_class():
    model, X = fitted(SVC(kernel="linear"), classes=3)
    assert model[-1].coef_.shape == (3, 3)
    result = shap_values(model, X, X, seed=0)
    if HAS_SHAP:
        assert "(shap)" in result.method
    else:
        assert "need the shap package" in result.note


def test_a_sample_is_said_so_and_depends_on_the_seed_alone():
    model, X = fitted(LogisticRegression())
    one, again, other = (shap_values(model, X, X, seed=seed, max_genes=40) for seed in (1, 1, 2))
    assert "a random sample of 40 of 200 genes" in one.note
    assert len(one.outputs) == 40
    pd.testing.assert_frame_equal(one.contributions, again.contributions)
    assert not one.outputs["row"].equals(other.outputs["row"])


def test_without_shap_the_note_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    model, X = fitted(RandomForestClassifier(n_estimators=5, random_state=0))
    result = shap_values(model, X, X, seed=0)
    assert result.contributions.empty and result.outputs.empty and result.importance.empty
    assert result.note == (
        "SHAP values of RandomForestClassifier need the shap package, which is not installed: "
        "pip install 'dge-experiments[shap]'"
    )


def test_a_cell_that_is_not_finite_is_refused():
    model, X = fitted(LogisticRegression())
    with pytest.raises(ValueError, match="column 'b', row 1003"):
        shap_values(model, X.assign(b=X["b"].where(X.index != 1003)), X, seed=0)


@needs_shap
@pytest.mark.parametrize("classes", [2, 3])
def test_forest_contributions_add_up_to_the_probability(classes):
    model, X = fitted(RandomForestClassifier(n_estimators=20, random_state=0), classes)
    result = shap_values(model, X, X, seed=0)
    assert_adds_up(result, model.predict_proba(X)[:, 1 if classes == 2 else 0 :], 1e-8)
    assert result.unit == "probability"


def test_radial_svm_contributions_add_up_to_the_decision_value():
    model, X = fitted(SVC())
    result = shap_values(model, X, X, seed=0)
    assert len(result.outputs) == 200
    assert_adds_up(result, model.decision_function(X), 1e-10)
    assert result.outputs["base"].iloc[0] == pytest.approx(model.decision_function(X).mean())
    assert result.method == "exact SHAP (product kernel)"


@needs_shap
def test_radial_svm_contributions_are_those_of_the_shap_package():
    import shap

    model, X = fitted(SVC(gamma=0.3, C=5))
    Z = model[:-1].transform(X)
    ours, base = radial_svm(model[-1], Z[:10], Z)
    theirs = shap.ExactExplainer(
        model[-1].decision_function, shap.maskers.Independent(Z, max_samples=len(Z))
    )(Z[:10])
    np.testing.assert_allclose(ours, theirs.values, atol=1e-10)
    assert base == pytest.approx(theirs.base_values[0])


@needs_shap
def test_svm_contributions_of_three_classes_add_up_to_the_decision_values():
    model, X = fitted(SVC(), 3)
    result = shap_values(model, X, X, seed=0)
    rows = X.loc[result.outputs["row"].unique()]
    assert len(rows) == 100
    assert_adds_up(result, model.decision_function(rows), 1e-8)


@needs_shap
def test_linear_and_xgboost_are_those_of_the_shap_package():
    import shap

    model, X = fitted(LogisticRegression())
    Z = model[:-1].transform(X)
    ours = shap_values(model, X, X, seed=0).contributions["contribution"].to_numpy().reshape(Z.shape)
    masker = shap.maskers.Independent(Z, max_samples=len(Z))
    np.testing.assert_allclose(ours, shap.LinearExplainer(model[-1], masker).shap_values(Z), atol=1e-9)

    model, X = fitted(XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, random_state=0))
    Z = model[:-1].transform(X)
    ours = shap_values(model, X, X, seed=0).contributions["contribution"].to_numpy().reshape(Z.shape)
    np.testing.assert_allclose(ours, shap.TreeExplainer(model[-1]).shap_values(Z), atol=1e-4)


@needs_shap
def test_above_ten_features_permutations_are_sampled_and_still_add_up():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(120, 11)), columns=[f"x{j}" for j in range(11)])
    model = make_pipeline(StandardScaler(), SVC()).fit(X, (X["x0"] > 0).astype(int))
    one, again = (shap_values(model, X, X, seed=0, max_genes=10) for _ in range(2))
    assert_adds_up(one, model.decision_function(X.loc[one.outputs["row"]]), 1e-8)
    assert one.method == "permutation SHAP (shap)"
    pd.testing.assert_frame_equal(one.contributions, again.contributions)
