"""What MLflow serves: a model saved with its scikit-learn flavor, and read back by this package's own loader.

MLflow's own loader refuses every scikit-learn model with ``MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false``, skops or not,
and otherwise takes the types to trust from the model itself. The flavor ``python_function``, which
``mlflow models serve`` and ``mlflow.pyfunc.load_model`` read, therefore names this module.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.models import Model

from dge_experiments.prediction.score import Scorer, answers
from dge_experiments.tracking import loading


def save_model(path: str, mlflow_model: Model, validate_serving_input: bool, **options: Any) -> None:
    """Write a model's folder as ``mlflow.sklearn.save_model`` does, with this module as its loader.

    ``validate_serving_input`` is for MLflow, which calls this; see ``mlflow.models.Model.log``.
    """
    mlflow.sklearn.save_model(path=path, mlflow_model=mlflow_model, **options)
    mlflow_model.flavors["python_function"]["loader_module"] = __name__
    mlflow_model.save(str(Path(path) / "MLmodel"))


@dataclass(frozen=True)
class Served:
    """A fitted pipeline with the methods that MLflow calls."""

    scorer: Scorer

    def predict(self, data: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row per gene: ``predicted``, ``probability_<class>``, ``outside_range``, ``reason`` (see
        ``prediction.score``), None if a gene has no prediction; ``params``, which MLflow passes, is not used."""
        predictions = answers(self.scorer, data)
        missing = predictions.isna()
        return (
            predictions.astype(object).mask(missing, None) if missing.to_numpy().any() else predictions
        )  # no NaN in JSON

    def get_raw_model(self) -> Any:
        return self.scorer.pipeline


def _load_pyfunc(path: str) -> Served:
    """The model in a folder; MLflow calls this function by its name."""
    return Served(loading.in_folder(Path(path)))
