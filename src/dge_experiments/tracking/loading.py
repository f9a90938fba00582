"""Load a logged model: never from a pickle, and only types that are on the list."""

import hashlib
import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import yaml
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.base import is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from dge_experiments.errors import BadInput, first_line, listed, printable, without_password
from dge_experiments.prediction.score import Scorer
from dge_experiments.tracking import archive
from dge_experiments.tracking.archive import TRUSTED

ADDRESSES = ("models:/", "runs:/", "mlflow-artifacts:/", "file:/", "/", ".")
ABOUT_BYTES = 2**24
DIGEST = "sha256"


def scorer(client: MlflowClient, uri: str, trusted: tuple[str, ...] = ()) -> Scorer:
    """Fetch the model at ``uri``, check its files, and load it.

    MLflow itself reads the list of trusted types from the model's own MLmodel file, so it would load a file that was
    swapped together with its list. Here a type must be on that list and also on ``TRUSTED`` or ``trusted``.

    Raises
    ------
    BadInput
        no such model, a model not saved with skops, a file that is no skops archive or has changed since it was
        logged, a type that is not on the list, not a fitted classifier with named columns
    """
    of = f"model_uri={printable(without_password(uri))}"
    folder, name = _fetch(client, uri, of)
    about = _about(folder, of)
    return _scorer(name, load(client, folder, about, of, trusted), about, of)


def in_folder(folder: Path) -> Scorer:
    """The model in a folder, its digest not checked because no store is read; see ``scorer``."""
    of = printable(folder)
    about = _about(folder, of)
    return _scorer(of, load(None, folder, about, of), about, of)


def load(
    client: MlflowClient | None, folder: Path, about: dict[str, Any], of: str, trusted: tuple[str, ...] = ()
) -> Any:
    """The pipeline in a model's folder, its types and its digest checked; see ``scorer``."""
    flavor = about["flavors"]["sklearn"]
    file = folder / str(flavor.get("pickled_model", ""))
    kind = flavor.get("serialization_format")
    if kind != "skops":
        raise BadInput(
            f"{of}: saved as {kind}, which runs code when it is read; not loaded: log it with skops"
        )
    if not file.is_file() or folder.resolve() not in file.resolve().parents:
        raise BadInput(f"{of}: its file {flavor.get('pickled_model')} is not there; log the model again")
    types = archive.check(file, of)
    named = set(flavor.get("skops_trusted_types") or ())
    if hidden := [name for name in types if name not in named]:
        raise BadInput(f"{of}: {file.name} holds {listed(hidden)}, which its MLmodel does not name: "
                       "the file is not the one that was logged; not loaded")  # fmt: skip
    if unknown := [name for name in types if name not in (*TRUSTED, *trusted)]:
        raise BadInput(f"{of}: holds {listed(unknown)}, not on the list of trusted types; not "
                       f"loaded (if you know who made it: trusted=[{','.join(unknown)}])")  # fmt: skip
    logged = _logged_digest(client, str(about.get("model_id") or ""))
    if logged and logged != digest(file):
        raise BadInput(f"{of}: {file.name} has changed since it was logged; not loaded: log the model again")
    return archive.read(file, types, of, known=bool(logged))


def digest(file: Path) -> str:
    """SHA-256 of a file; the store has it as a tag of the model, separate from the model's files."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _logged_digest(client: MlflowClient | None, model_id: str) -> str:
    """The digest of a model's file in the store, "" if it has none."""
    if client is None or not model_id:
        return ""
    try:
        return str(client.get_logged_model(model_id).tags.get(DIGEST, ""))
    except MlflowException:
        return ""


def _fetch(client: MlflowClient, uri: str, of: str) -> tuple[Path, str]:
    """The model's folder on this machine, and its name with its version."""
    if not uri.startswith(ADDRESSES):
        raise BadInput(f"{of}: must be models:/NAME@champion, models:/NAME/3, runs:/RUN/NAME or a folder")
    try:
        name, at, alias = uri.removeprefix("models:/").partition("@")
        if uri.startswith("models:/") and at:
            version = client.get_model_version_by_alias(name, alias).version
            uri, label = f"models:/{name}/{version}", f"{name}@{alias} (version {version})"
        else:
            label = printable(uri)
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri)), label
    except Exception as error:  # a store may raise any error for an odd address
        known = ", ".join(
            f"models:/{m.name}@{alias}" for m in client.search_registered_models() for alias in m.aliases
        )
        reason = printable(without_password(first_line(error)))
        raise BadInput(f"{of}: not found ({reason}); there are {known or 'no registered models'}") from None


def _about(folder: Path, of: str) -> dict[str, Any]:
    file = folder / "MLmodel"
    try:
        if file.stat().st_size > ABOUT_BYTES:
            raise BadInput(
                f"{of}: its MLmodel is of {file.stat().st_size:,} bytes, more than one holds; not read"
            )
        about = dict(yaml.safe_load(file.read_text(encoding="utf-8")))
        about["flavors"]["sklearn"].get("serialization_format")
    except (
        OSError,
        yaml.YAMLError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{of}: no scikit-learn model (its MLmodel does not name one)") from None
    return about


def _scorer(name: str, pipeline: Any, about: dict[str, Any], of: str) -> Scorer:
    features = _features(about, of)
    _check_usable(pipeline, features, of)
    metadata = about.get("metadata") or {}
    try:
        classes = tuple(map(str, metadata.get("classes") or pipeline.classes_))
        ranges = {k: (float(v[0]), float(v[1])) for k, v in (metadata.get("training_ranges") or {}).items()}
        extra = {k: v for k, v in metadata.items() if k not in ("classes", "training_ranges")}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise BadInput(f"{of}: its metadata is not as this package writes it; log the model again") from None
    if len(classes) != len(pipeline.classes_):
        raise BadInput(
            f"{of}: its metadata names {len(classes)} classes, the model has {len(pipeline.classes_)}"
        )
    return Scorer(name, pipeline, features, classes, ranges, extra)


def _features(about: dict[str, Any], of: str) -> tuple[str, ...]:
    """The columns that the model's signature names."""
    try:
        return tuple(str(column["name"]) for column in json.loads(about["signature"]["inputs"]))
    except (KeyError, TypeError, ValueError):
        raise BadInput(
            f"{of}: its signature does not name its columns; log it with one (infer_signature)"
        ) from None


def _check_usable(pipeline: Any, features: tuple[str, ...], of: str) -> None:
    """Check that the pipeline is a fitted classifier that predicts for these features."""
    if not hasattr(pipeline, "predict") or not is_classifier(pipeline):
        raise BadInput(f"{of}: holds a {type(pipeline).__name__}, which is no classifier")
    try:
        check_is_fitted(pipeline)
        pipeline.predict(pd.DataFrame(np.zeros((1, len(features))), columns=list(features)))
        len(pipeline.classes_)
    except NotFittedError:
        raise BadInput(f"{of}: the model was not fitted before it was logged") from None
    except Exception as error:
        raise BadInput(f"{of}: does not answer for {', '.join(features)} ({first_line(error)})") from None
