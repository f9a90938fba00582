"""The explanations of one experiment together: what is asked for, what cannot be had, what is shared."""

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.explanation import explain
from dge_experiments.explanation.pca import components


def table(genes: int = 120) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(genes, 3)), columns=["logFC", "AveExpr", "B"])
    return X, (X["logFC"] > 0).to_numpy().astype(np.int64)


def explained(
    X: pd.DataFrame, y: np.ndarray, methods: list[str], c: float | None = None, seen: np.ndarray | None = None
) -> explain.TableExplanation:
    train, seen = np.arange(0, len(X), 2), np.arange(len(X)) if seen is None else seen
    honest = ["AveExpr", "B"]
    return explain.explain_table(X, y, components(X), train, seen, honest, methods, chosen_c=c, seed=1)


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="no method 'dominanse', did you mean dominance"):
        explain.check(["dominanse"])


def test_only_what_is_asked_for_is_made() -> None:
    made = explained(*table(), methods=["dominance"])
    assert made.dominance is not None
    assert (made.stability, made.path, made.honest_pca) == (None, None, None)
    assert made.dominance.general.set_index("feature")["share"]["logFC"] > 0.9


def test_the_honest_components_are_without_the_labels_sources() -> None:
    made = explained(*table(), methods=["honest_pca"])
    assert made.honest_pca is not None and made.honest_separation is not None
    assert made.honest_pca.loadings["feature"].tolist() == ["AveExpr", "B"]
    whole = made.separation.auc["auc"].max()
    assert made.honest_separation.auc["auc"].max() < whole


def test_what_cannot_be_had_is_said_and_fails_nothing() -> None:
    X, y = table()
    y[:] = 0
    y[0] = 1
    made = explained(X, y, ["dominance", "stability"])
    assert (made.dominance, made.stability) == (None, None)
    assert set(made.skipped) == {"dominance", "stability"}
    assert "one gene" in made.skipped["stability"]


def test_the_models_of_a_sweep_share_what_is_about_the_table() -> None:
    X, y = table()
    first, second = (explained(X, y, ["dominance", "regularization_path"], c) for c in (None, 0.5))
    assert first.dominance is second.dominance
    assert first.path is not None and second.path is not None
    assert (first.path.chosen_c, second.path.chosen_c) == (None, 0.5)
    assert explained(X + 1, y, ["dominance"]).dominance is not first.dominance


def test_of_a_large_table_a_sample_is_looked_at_and_it_is_said() -> None:
    X, y = table()
    some = np.arange(0, len(X), 3)
    of_some = explained(X, y, ["dominance", "honest_pca"], seen=some)
    alone = explained(X.iloc[some], y[some], ["dominance"])
    assert of_some.dominance is not None and alone.dominance is not None
    pd.testing.assert_frame_equal(of_some.dominance.general, alone.dominance.general)
    assert of_some.honest_pca is not None and len(of_some.honest_pca.scores) == len(X)
    assert (of_some.sample, alone.sample) == ("a stratified sample of 40 of the 120 genes", "")
