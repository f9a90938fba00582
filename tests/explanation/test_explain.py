"""The explanations of one experiment together: what is asked for, what is not possible, what is shared."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import Memory
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.errors import BadInput
from dge_experiments.explanation import explain
from dge_experiments.explanation.method import Subject
from dge_experiments.explanation.methods import dominance, honest_pca, methods, pca, regularization_path


def table(genes: int = 120) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(genes, 3)), columns=["logFC", "AveExpr", "B"])
    return X, (X["logFC"] > 0).to_numpy().astype(np.int64)


def subject(
    X: pd.DataFrame,
    y: np.ndarray,
    model: object = None,
    max_rows: int | None = None,
    memory: Memory | None = None,
) -> Subject:
    rows = np.arange(len(X))
    train, test = rows[rows % 3 > 0], rows[rows % 3 == 0]
    pipeline = make_pipeline(StandardScaler(), model or LogisticRegression()).fit(X.iloc[train], y[train])
    genes = pd.Series([f"GENE{i}" for i in rows])
    return Subject(X, y, genes, ("down", "up"), train, test, ["AveExpr", "B"], pipeline, "accuracy", 1, max_rows,
                   memory or Memory(None))  # fmt: skip


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="no method 'dominanse', did you mean dominance"):
        explain.check(["dominanse"])


def test_only_what_is_asked_for_is_made() -> None:
    assert set(explain.explain(subject(*table()), []).found) == {"native", "permutation", "pca"}
    explanation = explain.explain(subject(*table()), ["dominance"])
    assert set(explanation.found) == {"native", "permutation", "pca", "dominance"}
    found = explanation.get(dominance.METHOD)
    assert found is not None and found.general.set_index("feature")["share"]["logFC"] > 0.9
    assert explanation.agreement is not None
    assert list(explanation.agreement.ranks) == [
        "feature",
        "permutation",
        "coefficient",
        "dominance",
        "mean_rank",
    ]


def test_the_honest_components_are_without_the_label_sources() -> None:
    explanation = explain.explain(subject(*table()), ["honest_pca"])
    honest, all_features = explanation.get(honest_pca.METHOD), explanation.get(pca.METHOD)
    assert honest is not None and all_features is not None
    assert honest.components.loadings["feature"].tolist() == ["AveExpr", "B"]
    assert honest.separation.auc["auc"].max() < all_features.separation.auc["auc"].max()


def test_what_is_not_possible_is_said_and_fails_nothing() -> None:
    X, y = table()
    y[:] = 0
    y[[1, 3]] = 1  # one up gene in each part
    explanation = explain.explain(subject(X, y), ["dominance", "shap"])
    assert "dominance" in explanation.found
    y[1] = 0
    y[4] = 1
    alone = Subject(**{**vars(subject(X, y)), "y": np.where(np.arange(len(y)) == 4, 1, 0)})
    explanation = explain.explain(alone, ["dominance", "stability", "shap"])
    assert set(explanation.skipped) == {"dominance", "stability"} and "shap" in explanation.found
    assert "one gene" in explanation.skipped["stability"]


def test_a_fault_of_ours_is_not_taken_for_what_is_not_possible() -> None:
    X, y = table()
    broken = Subject(**{**vars(subject(X, y)), "X": X.assign(B=np.nan)})
    with pytest.raises(ValueError, match="NaN"):
        explain.explain(broken, ["dominance"])


def test_the_models_of_a_sweep_share_what_is_about_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = table()
    memory, names = Memory(tmp_path, verbose=0), ["dominance", "regularization_path"]
    lasso = LogisticRegression(l1_ratio=1.0, C=0.5, solver="saga", max_iter=5000)
    first = explain.explain(subject(X, y, memory=memory), names)
    with monkeypatch.context() as without:
        without.setattr(dominance, "mcfadden_r2", None)  # a second computation would fail
        second = explain.explain(subject(X, y, lasso, memory=memory), names)
        with pytest.raises(TypeError):
            explain.explain(subject(X + 1, y, memory=memory), names)
    found = [explanation.get(dominance.METHOD) for explanation in (first, second)]
    assert found[0] and found[1]
    pd.testing.assert_frame_equal(found[0].general, found[1].general)
    paths = [explanation.get(regularization_path.METHOD) for explanation in (first, second)]
    assert [path and path.chosen_c for path in paths] == [None, 0.5]


def test_of_a_large_table_a_sample_is_looked_at_and_it_is_said() -> None:
    X, y = table(300)
    of_some = explain.explain(subject(X, y, max_rows=100), ["dominance"])
    found, components = of_some.get(dominance.METHOD), of_some.get(pca.METHOD)
    rows = subject(X, y, max_rows=100).sample
    assert len(rows) == 100 and found and components
    alone = dominance.dominance(X.iloc[rows], y[rows], seed=1)
    pd.testing.assert_frame_equal(found.general, alone.general)
    assert len(components.components.scores) == 300
    assert of_some.sample == "a stratified sample of 100 of the 300 genes"
    assert explain.explain(subject(X, y), []).sample == ""


def test_every_method_says_what_it_is() -> None:
    assert len({method.name for method in methods()}) == len(methods()) >= 8
    for method in methods():
        assert method.title[0].isupper() and method.chapter in ("decision", "shape")
