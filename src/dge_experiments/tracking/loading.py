"""Load a logged model, and nothing else: no pickle is ever read, and no type that is not on the list."""

import json
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import mlflow
import yaml
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from skops.io import get_untrusted_types, load

from dge_experiments.errors import BadInput, first_line
from dge_experiments.prediction.score import Scorer

TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.frozen._frozen.FrozenEstimator",
    "sklearn.model_selection._split.PredefinedSplit",  # calibrated models of version 0.1.0
    "sklearn.tree._tree.Tree",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)
PICKLE = b"\x80"


def scorer(client: MlflowClient, uri: str, trusted: tuple[str, ...] = ()) -> Scorer:
    """Fetch the model at ``uri``, check its files, and load it.

    MLflow itself takes the list of types to trust from the model's own MLmodel file, so that a file swapped together
    with its list would be loaded. Here a type has to be on that list and on ``TRUSTED`` or ``trusted`` as well.

    Raises
    ------
    BadInput
        no such model, one that was saved otherwise than with skops, a file that is no skops archive, a type that
        is not on the list
    """
    folder, name = _fetch(client, uri)
    about = _about(folder, uri)
    flavor = about["flavors"]["sklearn"]
    file = folder / str(flavor.get("pickled_model", ""))
    _is_skops(file, folder, flavor, uri)
    types = _types(file, uri)
    listed = set(flavor.get("skops_trusted_types") or ())
    for each in types:
        if each not in listed:
            raise BadInput(f"model_uri={uri}: {file.name} holds the type {each}, which its MLmodel does not name: "
                           "the file is not the one that was logged; not loaded")  # fmt: skip
        if each not in (*TRUSTED, *trusted):
            raise BadInput(f"model_uri={uri}: holds the type {each}, which is not on the list of trusted types; not "
                           f"loaded (if you know who made it: trusted=[{each}])")  # fmt: skip
    try:
        pipeline = load(file, trusted=types)
    except Exception as error:
        raise BadInput(
            f"model_uri={uri}: {file.name} cannot be read ({first_line(error)}); log the model again"
        ) from None
    return _scorer(name, pipeline, about)


def _fetch(client: MlflowClient, uri: str) -> tuple[Path, str]:
    """The model's folder on this machine, and its name with the version it is."""
    try:
        name, at, alias = uri.removeprefix("models:/").partition("@")
        if uri.startswith("models:/") and at:
            version = client.get_model_version_by_alias(name, alias).version
            uri, shown = f"models:/{name}/{version}", f"{name}@{alias} (version {version})"
        else:
            shown = uri
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri)), shown
    except (MlflowException, OSError) as error:
        known = ", ".join(
            f"models:/{m.name}@{alias}" for m in client.search_registered_models() for alias in m.aliases
        )
        raise BadInput(
            f"model_uri={uri}: not found ({first_line(error)}); there are {known or 'no registered models'}"
        ) from None


def _about(folder: Path, uri: str) -> dict[str, Any]:
    file = folder / "MLmodel"
    try:
        about = yaml.safe_load(file.read_text(encoding="utf-8"))
        about["flavors"]["sklearn"]
    except (OSError, yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        raise BadInput(f"model_uri={uri}: no scikit-learn model (its MLmodel does not name one)") from None
    return dict(about)


def _is_skops(file: Path, folder: Path, flavor: dict[str, Any], uri: str) -> None:
    kind = flavor.get("serialization_format")
    if kind != "skops":
        raise BadInput(
            f"model_uri={uri}: saved as {kind}, which runs code when it is read; not loaded: log it with skops"
        )
    if not file.is_file() or folder.resolve() not in file.resolve().parents:
        raise BadInput(
            f"model_uri={uri}: its file {flavor.get('pickled_model')} is not there; log the model again"
        )
    if not is_zipfile(file):
        with file.open("rb") as stream:
            what = "a pickle" if stream.read(1) == PICKLE else "no skops archive"
        raise BadInput(f"model_uri={uri}: {file.name} is {what}; not loaded: log the model again")


def _types(file: Path, uri: str) -> list[str]:
    try:
        return list(get_untrusted_types(file=file))
    except Exception as error:
        raise BadInput(
            f"model_uri={uri}: {file.name} is no skops archive ({first_line(error)}); not loaded"
        ) from None


def _scorer(name: str, pipeline: Any, about: dict[str, Any]) -> Scorer:
    said = about.get("metadata") or {}
    classes = tuple(map(str, said.get("classes") or pipeline.classes_))
    return Scorer(
        uri=name,
        pipeline=pipeline,
        features=tuple(str(column["name"]) for column in json.loads(about["signature"]["inputs"])),
        classes=classes,
        ranges={k: (float(v[0]), float(v[1])) for k, v in (said.get("training_ranges") or {}).items()},
        metadata={k: v for k, v in said.items() if k not in ("classes", "training_ranges")},
    )
