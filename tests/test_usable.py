"""Every way a model is made, it can be used: what is saved holds trusted types alone and answers alike when loaded."""

import numpy as np
import pytest
import skops.io

from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.run import run
from dge_experiments.settings.estimator import estimator
from dge_experiments.tracking.loading import TRUSTED
from given import limma_table, settings

pytestmark = pytest.mark.slow

MODELS = ("dummy", "lasso", "logistic_regression", "random_forest", "svm", "xgboost")


@pytest.mark.parametrize("calibration", ["none", "sigmoid", "beta", "isotonic"])
@pytest.mark.parametrize("model", MODELS)
def test_what_is_saved_is_trusted_and_answers_alike(tmp_path, model: str, calibration: str) -> None:
    file = tmp_path / "limma.csv"
    limma_table(150).to_csv(file, index=False)
    chosen = settings(
        f"model={model}", f"data.path={file}", f"calibration={calibration}", "threshold=0.4", "target=regulation",
        "search=none", "explanation=none", "split.folds=3",
    )  # fmt: skip
    result = run(chosen, prepare(chosen, estimator(chosen.model)))
    saved = skops.io.dumps(result.given.model)
    assert set(skops.io.get_untrusted_types(data=saved)) <= set(TRUSTED)
    loaded = skops.io.loads(saved, trusted=list(TRUSTED))
    X = result.plan.problem.X
    np.testing.assert_array_equal(loaded.predict(X), result.given.model.predict(X))
