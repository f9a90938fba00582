"""The MLflow store: found, reached, and made once."""

import logging
import os
import shlex
import shutil
import sys
from contextlib import nullcontext
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.request import urlopen

import mlflow
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from dge_experiments.errors import BadInput
from dge_experiments.tracking.folder import database_file, old_place

HEALTH_SECONDS = 5


def connect(uri: str | None) -> MlflowClient:
    """A client of the store at ``uri``; default: MLflow's own choice for this directory and environment.

    A new SQLite database is made under a file lock, because processes that make it at once die in its migrations.

    Raises
    ------
    BadInput
        a server that does not answer, a store that MLflow cannot open, a folder that was moved
    """
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if uri:
        mlflow.set_tracking_uri(uri)
    uri = mlflow.get_tracking_uri()
    if urlparse(uri).scheme in ("http", "https"):
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # the journal waits, not the search
        _answers(uri)
    _in_place(uri)
    try:
        database = database_file(uri)
        with FileLock(f"{database}.lock") if database is not None else nullcontext():
            client = MlflowClient()
            client.search_experiments(max_results=1)
            client.search_registered_models(max_results=1)
        return client
    except (MlflowException, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BadInput(f"tracking.uri={uri}: MLflow cannot open this store ({reason})") from None


def experiment_id(client: MlflowClient, name: str) -> str:
    """The MLflow experiment called ``name``, made where it is missing."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    try:
        return str(client.create_experiment(name))
    except MlflowException:
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)


def ui() -> tuple[str, str]:
    """Where this store's UI is, and the command that starts it ("" where a server runs already)."""
    uri = mlflow.get_tracking_uri()
    if urlparse(uri).scheme in ("http", "https"):
        return uri.rstrip("/"), ""
    command = "mlflow ui" if shutil.which("mlflow") else f"{Path(sys.executable).parent / 'mlflow'} ui"
    return "http://127.0.0.1:5000", command if database_file(
        uri
    ) == Path.cwd() / "mlflow.db" else f"{command} --backend-store-uri {uri}"


def _answers(uri: str) -> None:
    health = uri.rstrip("/") + "/health"
    try:
        with urlopen(health, timeout=HEALTH_SECONDS):
            pass
    except (URLError, OSError, ValueError) as error:
        raise BadInput(
            f"tracking.uri={uri}: no MLflow server answers there ({error}); start it or use tracking=local"
        ) from None


def _in_place(uri: str) -> None:
    """Refuse a store that was moved: MLflow would not find its artifacts and write new ones to the old place."""
    database = database_file(uri)
    if database is None or not database.is_file():
        return
    old = old_place(database)
    if old is not None:
        raise BadInput(
            f"{database}: was moved here from {old}, and MLflow looks for its artifacts there; mend it with "
            f"python -m dge_experiments.relocate {shlex.quote(str(database.parent.resolve()))}"
        )
