import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.run import run
from dge_experiments.problem.magnitudes import Magnitudes
from dge_experiments.settings.estimator import estimator
from dge_experiments.tracking.archive import TRUSTED
from given import limma_table, settings

FRAME = pd.DataFrame({"logFC": [-4.0, 1.0], "AveExpr": [3.0, -2.0], "t": [-9.0, 4.0], "P.Value": [0.01, 0.0]})
EXPECTED = [[2, 3, 3, 2], [1, -2, 2, 300]]


def test_signs_go_and_p_values_become_large_where_they_are_small():
    made = Magnitudes().fit(FRAME)
    np.testing.assert_allclose(made.transform(FRAME), EXPECTED)
    assert made.get_feature_names_out().tolist() == list(FRAME)
    named = Magnitudes(tuple(FRAME)).fit(FRAME.to_numpy())
    np.testing.assert_allclose(named.transform(FRAME.to_numpy()), EXPECTED)
    assert FRAME.loc[0, "logFC"] == -4, "the caller's values stay"


def test_an_array_needs_names():
    with pytest.raises(ValueError, match="4 columns and 0 are named"):
        clone(Magnitudes()).fit(FRAME.to_numpy())


def test_a_symmetric_question_is_one_for_a_linear_model():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"logFC": rng.normal(size=600)})
    y = (X["logFC"].abs() > 1).astype(int)
    signed = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y).score(X, y)
    sized = make_pipeline(Magnitudes(), StandardScaler(), LogisticRegression()).fit(X, y).score(X, y)
    assert signed < 0.75
    assert sized > 0.95


@pytest.mark.parametrize("model", ["logistic_regression", "xgboost", "ranking"])
def test_replication_has_them_and_is_served_with_the_tables_columns(tmp_path, model):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    table = limma_table(150)
    table.to_csv(first, index=False)
    table.assign(**{"P.Value": table["P.Value"].iloc[::-1].to_numpy()}).to_csv(second, index=False)
    chosen = settings(
        f"model={model}", "target=replication", f"data.path={first}", f"target.path={second}", "target.alpha=0.5",
        "search=none", "explanation=none", "split.folds=3", "threshold=0.5",
    )  # fmt: skip
    assert chosen.features.magnitudes
    result = run(chosen, prepare(chosen, estimator(chosen.model)))
    steps = [type(step).__name__ for _, step in result.given.pipeline.steps]
    assert (steps[0] == "Magnitudes") == (model != "ranking")
    saved = skops.io.dumps(result.given.model)
    assert set(skops.io.get_untrusted_types(data=saved)) <= set(TRUSTED)
    X = result.plan.problem.X
    loaded = skops.io.loads(saved, trusted=list(TRUSTED))
    np.testing.assert_array_equal(loaded.predict(X), result.given.model.predict(X))


def test_other_questions_keep_the_sign():
    assert not settings("target=direction").features.magnitudes
    assert settings("target=direction", "features=magnitudes").features.magnitudes
