"""What MLflow serves: a model saved with its scikit-learn flavor, and read back by this package's own loader.

MLflow's own loader refuses every scikit-learn model with ``MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false``, skops or not,
and otherwise takes the types to trust from the model itself. The flavor ``python_function``, which
``mlflow models serve`` and ``mlflow.pyfunc.load_model`` read, therefore names this module.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model

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
    """A fitted pipeline as MLflow asks it."""

    pipeline: Any

    def predict(self, data: pd.DataFrame, params: dict[str, Any] | None = None) -> np.ndarray:
        """Class codes, one a row; ``params`` is MLflow's and not used."""
        codes: np.ndarray = self.pipeline.predict(data)
        return codes

    def get_raw_model(self) -> Any:
        return self.pipeline


def _load_pyfunc(path: str) -> Served:
    """The model in a folder, by the name that MLflow looks for."""
    return Served(loading.pipeline(Path(path)))
