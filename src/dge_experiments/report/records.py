"""The records of a run: small values that do not depend on MLflow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

NEEDED = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy", "skops")
HONEST_MODEL = "-honest"  # how the name of a pipeline without label sources ends


@dataclass(frozen=True)
class Params:
    """Settings and the estimator's parameters; written as text."""

    values: Mapping[str, str]


@dataclass(frozen=True)
class Metrics:
    """Numbers; nan is left out."""

    values: Mapping[str, float]


@dataclass(frozen=True)
class Tags:
    """Words to filter by."""

    values: Mapping[str, str]


@dataclass(frozen=True)
class Text:
    """A text file: HTML, YAML or Markdown, by the suffix of ``path``."""

    path: str
    text: str


@dataclass(frozen=True)
class Frame:
    """A table, as CSV without its index."""

    path: str
    frame: pd.DataFrame


@dataclass(frozen=True)
class Description:
    """The run's description, Markdown; the verdict first."""

    text: str


@dataclass(frozen=True)
class Data:
    """A table that the run read; ``label`` names the column with the answer, "" where it has none."""

    frame: pd.DataFrame
    name: str
    path: str
    digest: str
    label: str = ""


@dataclass(frozen=True)
class Model:
    """A fitted pipeline with its predictions for some genes (rows of ``X``).

    ``metadata`` is stored in its file; ``description`` (Markdown) and ``parameters`` are shown on its page.
    """

    name: str
    pipeline: Pipeline
    X: pd.DataFrame
    predicted: npt.NDArray[np.int64]
    requirements: Sequence[str]
    metadata: Mapping[str, object]
    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def requirements(pipeline: Pipeline) -> list[str]:
    """The packages that a fitted pipeline is loaded and run with, with their versions."""
    boosted = "xgboost" in type(pipeline[-1]).__module__
    return [f"{package}=={version(package)}" for package in ([*NEEDED, "xgboost"] if boosted else NEEDED)]


Record = Params | Metrics | Tags | Text | Frame | Description | Data | Model
